// Runs drachtio-srf's own integration tests, as its npm tarball brings them, against a SIP server of ours.
// They were written for docker containers on 172.29.0.0/16; here each container is a local sipp on 127.0.0.N over UDP, or
// 127.0.1.N over TCP, so that both can run at a time.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { eventually } from '../process.ts'

const require = createRequire(import.meta.url)
const packageFolder = dirname(dirname(require.resolve('drachtio-srf')))
const supportFolder = import.meta.dirname

export interface AdminAddress {
  readonly host: string
  readonly port: number
  readonly secret: string
}

export type SuiteTransport = 'udp' | 'tcp'

export interface SuiteServers {
  readonly transport?: SuiteTransport
  /** At `suiteHost(transport, 10)`:5060. */
  readonly sut: AdminAddress
  /** At `suiteHost(transport, 19)`:5060; only refer.js calls it. */
  readonly uas?: AdminAddress
}

export interface SuiteResult {
  readonly passed: number
  readonly failed: number
  readonly output: string
}

interface Container {
  readonly name: string
  readonly scenario: string
  readonly address: string
}

export class DrachtioSuite {
  readonly #folder: string
  readonly #containers: readonly Container[]
  readonly #transport: SuiteTransport
  readonly #children: ChildProcess[] = []

  constructor(folder: string, containers: readonly Container[], transport: SuiteTransport) {
    this.#folder = folder
    this.#containers = containers
    this.#transport = transport
  }

  /** Starts one sipp for each container that the test file calls; over TCP a second one for UDP, for the scenarios
   * whose Contact names no transport: such a one is called over UDP (RFC 3263 §4.1). Not for all of the docker-compose
   * file: a sipp that has nothing to do looks a thousand times a second. */
  async #startContainers(file: string): Promise<void> {
    const modes = this.#transport === 'tcp' ? ['t1', 'u1'] : ['u1']
    const text = await this.#textOf(file)
    for (const [index, container] of this.#containers.entries()) {
      if (!new RegExp(`\\b${RegExp.escape(container.address)}\\b`).test(text)) continue
      for (const [at, mode] of modes.entries())
        await this.#startSipp(container, mode, 9000 + at * 500 + index * 10)
    }
    const bound = this.#children.length
    await eventually(`${bound} sipp to listen`, 20_000, async () => {
      const listening = await Promise.all(
        this.#containers.map(({ address }) => boundAt(address, modes)),
      )
      return listening.reduce((sum, count) => sum + count, 0) >= bound
    })
  }

  /** Of a test file, with its scripts and what its callers say. */
  async #textOf(file: string): Promise<string> {
    const folder = join(this.#folder, 'test')
    const text = await readFile(join(folder, file), 'latin1')
    const scripts = [...text.matchAll(/require\('\.\/(scripts\/[\w-]+)/g)].map(
      ([, name]) => `${name}.js`,
    )
    const scenarios = [...text.matchAll(/[\w-]+\.xml/g)].map(([name]) => `scenarios/${name}`)
    const more = await Promise.all(
      [...scripts, ...scenarios].map((name) => readFile(join(folder, name), 'latin1')),
    )
    return [text, ...more].join('\n')
  }

  async #startSipp({ scenario, address }: Container, mode: string, mediaPort: number) {
    const file = join(this.#folder, 'test', 'scenarios', scenario)
    const where = ['-i', address, '-p', '5060', '-mi', address, '-mp', String(mediaPort)]
    const child = spawn('sipp', ['-sf', file, ...where, '-t', mode, '-nostdin'], {
      stdio: 'ignore',
      cwd: this.#folder,
      env: { ...process.env, TERM: 'dumb' },
    })
    this.#children.push(child)
    await once(child, 'spawn')
  }

  /** Runs one test file to its end, with whom it calls. */
  async run(file: string, timeoutMs: number): Promise<SuiteResult> {
    await this.#startContainers(file)
    try {
      return await this.#runFile(file, timeoutMs)
    } finally {
      await this.#stopContainers()
    }
  }

  async #runFile(file: string, timeoutMs: number): Promise<SuiteResult> {
    const child = spawn(process.execPath, [join(this.#folder, 'test', file)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.#folder,
      env: {
        ...process.env,
        NODE_ENV: 'test',
        SIPP_MODE: SIPP_MODE[this.#transport],
        SUITE_NETWORK: NETWORK[this.#transport],
      },
    })
    let output = ''
    const collect = (data: Buffer): void => {
      output += data.toString('latin1')
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    await once(child, 'close')
    clearTimeout(timer)
    const lines = output.split('\n')
    return {
      passed: lines.filter((line) => /^ok \d+/.test(line)).length,
      failed: lines.filter((line) => /^not ok \d+/.test(line)).length,
      output,
    }
  }

  async close(): Promise<void> {
    await this.#stopContainers()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #stopContainers(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
  }
}

/** How many sockets have port 5060 of an address, as Linux lists them: who asked by binding it would be in the way. */
async function boundAt(address: string, modes: readonly string[]): Promise<number> {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  const place = `: ${bytes.toReversed().join('').toUpperCase()}:13C4 `
  const lists = modes.map((mode) =>
    mode === 't1' ? { list: 'tcp', state: ' 0A ' } : { list: 'udp', state: ' 07 ' },
  )
  const counts = lists.map(async ({ list, state }) => {
    const lines = (await readFile(`/proc/net/${list}`, 'latin1')).split('\n')
    return lines.filter((line) => line.includes(place) && line.includes(state)).length
  })
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

const NETWORK: Readonly<Record<SuiteTransport, string>> = { udp: '127.0.0.', tcp: '127.0.1.' }

export const suiteHost = (transport: SuiteTransport, last: number): string =>
  `${NETWORK[transport]}${last}`

/** One socket for all calls. */
const SIPP_MODE: Readonly<Record<SuiteTransport, string>> = { udp: 'u1', tcp: 't1' }

/** b2b.js starts this one by itself, for one call. */
const STARTED_BY_B2B = { name: 'sipp-uas-b-teardown', last: 51 }

/** Copies the package's `test` folder and adapts the copy. */
export async function prepareDrachtioSuite({
  sut,
  uas,
  transport = 'udp',
}: SuiteServers): Promise<DrachtioSuite> {
  const folder = await mkdtemp(join(tmpdir(), 'drachtio-suite-'))
  const tests = join(folder, 'test')
  await cp(join(packageFolder, 'test'), tests, { recursive: true })
  await cp(join(packageFolder, 'package.json'), join(folder, 'package.json'))
  await symlink(join(packageFolder, 'lib'), join(folder, 'lib'))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'config'), { recursive: true })
  await mkdir(join(modules, 'tape'))
  await symlink(
    dirname(dirname(require.resolve('debug', { paths: [packageFolder] }))),
    join(modules, 'debug'),
  )
  await cp(join(supportFolder, 'tape-shim.cjs'), join(modules, 'tape', 'index.js'))
  await cp(join(supportFolder, 'sipp-shim.cjs'), join(tests, 'sipp.js'))
  const config = {
    'drachtio-sut': { ...sut, enablePing: true, pingInterval: 5000 },
    'drachtio-uas': uas,
  }
  await writeFile(
    join(modules, 'config', 'index.js'),
    `const values = ${JSON.stringify(config)}\nmodule.exports = { get: (name) => values[name] }\n`,
  )
  const compose = await readFile(join(tests, 'docker-compose-testbed.yaml'), 'utf8')
  const containers = readContainers(compose, transport)
  await adapt(tests, containers, transport)
  return new DrachtioSuite(folder, containers, transport)
}

function readContainers(compose: string, transport: SuiteTransport): Container[] {
  return compose.split(/\n(?= {2}[a-z])/).flatMap((service) => {
    const name = /container_name: (\S+)/.exec(service)?.[1]
    const scenario = /command: sipp -sf \/tmp\/(\S+)/.exec(service)?.[1]
    const last = /ipv4_address: 172\.29\.0\.(\d+)/.exec(service)?.[1]
    if (name === undefined || scenario === undefined || last === undefined) return []
    return [{ name, scenario, address: suiteHost(transport, Number(last)) }]
  })
}

async function adapt(
  tests: string,
  containers: readonly Container[],
  transport: SuiteTransport,
): Promise<void> {
  // The longest names first: "sipp-uas" is the beginning of most others.
  const { name: late, last } = STARTED_BY_B2B
  const names = [...containers, { name: late, address: suiteHost(transport, last) }].sort(
    (one, other) => other.name.length - one.name.length,
  )
  for (const subfolder of ['.', 'scripts', 'scenarios']) {
    for (const entry of await readdir(join(tests, subfolder), { withFileTypes: true })) {
      if (!entry.isFile() || !/\.(js|xml)$/.test(entry.name) || entry.name === 'sipp.js') continue
      const file = join(tests, subfolder, entry.name)
      let text = (await readFile(file, 'latin1')).replaceAll('172.29.0.', NETWORK[transport])
      if (entry.name.endsWith('.js')) {
        for (const { name, address } of names) {
          text = text
            .replaceAll(`sip:${name}`, `sip:${address}`)
            .replaceAll(`'${name}'`, `'${address}'`)
        }
        if (transport === 'tcp')
          text = text.replaceAll(/'(sip:127\.0\.1\.\d+)'/g, "'$1;transport=tcp'")
      }
      // The 200 is repeated after 500 ms whatever carries it (RFC 3261 §13.3.1.4); over TCP sipp does not expect that.
      if (transport === 'tcp' && entry.name === 'uac-delayed-ack.xml')
        text = text.replace('milliseconds="1000"', 'milliseconds="300"')
      // Debian's sipp refuses an unescaped bracket in an attribute.
      await writeFile(file, text.replaceAll('"<sip:(.*)>"', '"&lt;sip:(.*)>"'), 'latin1')
    }
  }
}
