// Runs drachtio-srf's own integration tests, as its npm tarball brings them, against a SIP server of ours.
// They were written for docker containers on 172.29.0.0/16; here each container is a local sipp on 127.0.0.N.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const packageFolder = dirname(dirname(require.resolve('drachtio-srf')))
const supportFolder = import.meta.dirname

export interface AdminAddress {
  readonly host: string
  readonly port: number
  readonly secret: string
}

export interface SuiteServers {
  /** At 127.0.0.10:5060. */
  readonly sut: AdminAddress
  /** At 127.0.0.19:5060; only refer.js calls it. */
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
  readonly #children: ChildProcess[] = []

  constructor(folder: string, containers: readonly Container[]) {
    this.#folder = folder
    this.#containers = containers
  }

  /** Starts one sipp for each container of the docker-compose file. */
  async startContainers(): Promise<void> {
    for (const [index, { scenario, address }] of this.#containers.entries()) {
      const file = join(this.#folder, 'test', 'scenarios', scenario)
      const args = [
        '-sf',
        file,
        '-i',
        address,
        '-p',
        '5060',
        '-mi',
        address,
        '-mp',
        `${9000 + index * 10}`,
      ]
      const child = spawn('sipp', [...args, '-nostdin'], {
        stdio: 'ignore',
        cwd: this.#folder,
        env: { ...process.env, TERM: 'dumb' },
      })
      this.#children.push(child)
      await once(child, 'spawn')
    }
  }

  /** Runs one test file to its end. */
  async run(file: string, timeoutMs: number): Promise<SuiteResult> {
    const child = spawn(process.execPath, [join(this.#folder, 'test', file)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.#folder,
      env: { ...process.env, NODE_ENV: 'test' },
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
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** b2b.js starts this one by itself, for one call. */
const STARTED_BY_B2B = { name: 'sipp-uas-b-teardown', address: '127.0.0.51' }

/** Copies the package's `test` folder and adapts the copy. */
export async function prepareDrachtioSuite({ sut, uas }: SuiteServers): Promise<DrachtioSuite> {
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
  const containers = readContainers(
    await readFile(join(tests, 'docker-compose-testbed.yaml'), 'utf8'),
  )
  await adapt(tests, containers)
  return new DrachtioSuite(folder, containers)
}

function readContainers(compose: string): Container[] {
  return compose.split(/\n(?= {2}[a-z])/).flatMap((service) => {
    const name = /container_name: (\S+)/.exec(service)?.[1]
    const scenario = /command: sipp -sf \/tmp\/(\S+)/.exec(service)?.[1]
    const last = /ipv4_address: 172\.29\.0\.(\d+)/.exec(service)?.[1]
    if (name === undefined || scenario === undefined || last === undefined) return []
    return [{ name, scenario, address: `127.0.0.${last}` }]
  })
}

async function adapt(tests: string, containers: readonly Container[]): Promise<void> {
  // The longest names first: "sipp-uas" is the beginning of most others.
  const names = [...containers, STARTED_BY_B2B].sort(
    (one, other) => other.name.length - one.name.length,
  )
  for (const subfolder of ['.', 'scripts', 'scenarios']) {
    for (const entry of await readdir(join(tests, subfolder), { withFileTypes: true })) {
      if (!entry.isFile() || !/\.(js|xml)$/.test(entry.name) || entry.name === 'sipp.js') continue
      const file = join(tests, subfolder, entry.name)
      let text = (await readFile(file, 'latin1')).replaceAll('172.29.0.', '127.0.0.')
      if (entry.name.endsWith('.js')) {
        for (const { name, address } of names) {
          text = text
            .replaceAll(`sip:${name}`, `sip:${address}`)
            .replaceAll(`'${name}'`, `'${address}'`)
        }
      }
      // Debian's sipp refuses an unescaped bracket in an attribute.
      await writeFile(file, text.replaceAll('"<sip:(.*)>"', '"&lt;sip:(.*)>"'), 'latin1')
    }
  }
}
