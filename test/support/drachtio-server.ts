// A real drachtio-server, where the PATH has one (its program is called `drachtio`): loopback only, told by a
// configuration of its own. No package brings it, so a test that needs it is skipped by name without it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freeTcpPort, hasUdpListener, isFreeForUdp } from './process.ts'

const PROGRAM = 'drachtio'
const START_WITHIN_MS = 15_000
const POLL_MS = 10
/** It asks for no time to end: its calls are the application's. */
const STOP_WITHIN_MS = 2_000
/** Free for UDP is not free for TCP. */
const PORT_TRIES = 20

type Protocol = 'udp' | 'tcp'
const BOTH: readonly Protocol[] = ['udp', 'tcp']

/** Its own words, `v0.9.10` or the like; undefined where there is none. */
export const drachtioServerVersion: string | undefined = readVersion()

/** Options of a test that needs it; the test's name says drachtio-server too. */
export const drachtioServerOptions: { readonly skip?: string } =
  drachtioServerVersion === undefined
    ? { skip: `no drachtio-server: no program "${PROGRAM}" on the PATH` }
    : {}

export interface DrachtioServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Where one was before: its ports and its secret. */
  readonly like?: Pick<DrachtioServer, 'admin' | 'address'>
  readonly protocols?: readonly Protocol[]
  /** Milliseconds; the server's defaults are 500, 4000 and 5000. */
  readonly timers?: { readonly t1Ms: number; readonly t2Ms: number; readonly t4Ms: number }
  /** Runs before the program, such as `taskset -c 1`. */
  readonly prefix?: readonly string[]
  /** Further elements of the configuration's `sip`. */
  readonly sipElements?: string
}

export interface DrachtioServer {
  /** For drachtio-srf's `connect`. */
  readonly admin: { readonly host: string; readonly port: number; readonly secret: string }
  /** The same port for UDP and TCP. */
  readonly address: { readonly host: string; readonly port: number }
  readonly pid: number
  /** What it wrote, errors only. */
  output(): string
  /** SIGKILL: its calls know nothing of it. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** @throws Error with the server's words when it does not start. */
export async function startDrachtioServer(
  options: DrachtioServerOptions = {},
): Promise<DrachtioServer> {
  const host = options.host ?? '127.0.0.1'
  const admin = options.like?.admin ?? {
    host: '127.0.0.1',
    port: await freeTcpPort('127.0.0.1'),
    secret: randomBytes(12).toString('hex'),
  }
  const address = options.like?.address ?? { host, port: await freeSipPort(host) }
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-drachtio-server-'))
  const file = join(folder, 'drachtio.conf.xml')
  writeFileSync(file, configuration(admin, address, options), { mode: 0o600 })
  const [command, ...args] = [...(options.prefix ?? []), PROGRAM, '-f', file]
  // DRACHTIO_* in the environment would outweigh the file.
  const env = { PATH: process.env['PATH'], TERM: 'dumb' }
  const child = spawn(command, args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const server = new StartedServer(child, folder, { admin, address })
  try {
    await server.isReady(options.protocols ?? BOTH)
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

class StartedServer implements DrachtioServer {
  readonly admin: DrachtioServer['admin']
  readonly address: DrachtioServer['address']
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #exited: Promise<void>
  readonly #endWithUs = (): void => void this.#child.kill('SIGKILL')
  #output = ''
  #hasExited = false
  #closing: Promise<void> | undefined

  constructor(
    child: ChildProcess,
    folder: string,
    facts: Pick<DrachtioServer, 'admin' | 'address'>,
  ) {
    this.#child = child
    this.#folder = folder
    this.admin = facts.admin
    this.address = facts.address
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    // Emitted instead of `exit` when it cannot be started at all.
    const failed = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        this.#output += String(error)
        resolve()
      })
    })
    this.#exited = Promise.race([failed, once(child, 'close')]).then(() => {
      this.#hasExited = true
    })
    process.once('exit', this.#endWithUs)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  output(): string {
    return this.#output
  }

  /** Resolves once its ports are bound: the admin port is the first, SIP over TCP the last. */
  async isReady(protocols: readonly Protocol[]): Promise<void> {
    const deadline = performance.now() + START_WITHIN_MS
    const isBound = (): Promise<boolean> =>
      protocols.includes('tcp')
        ? takesConnection(this.address)
        : hasUdpListener(this.address.port, this.address.host)
    while (!((await takesConnection(this.admin)) && (await isBound()))) {
      if (this.#hasExited || performance.now() > deadline)
        throw new Error(`drachtio-server did not start: ${this.#output.slice(0, 2_000)}`)
      await sleep(POLL_MS)
    }
  }

  kill(): Promise<void> {
    this.#closing ??= this.#close('SIGKILL')
    return this.#closing
  }

  close(): Promise<void> {
    this.#closing ??= this.#close('SIGTERM')
    return this.#closing
  }

  async #close(signal: NodeJS.Signals): Promise<void> {
    process.removeListener('exit', this.#endWithUs)
    this.#child.kill(signal)
    const stuck = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS)
    await this.#exited
    clearTimeout(stuck)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function readVersion(): string | undefined {
  const { error, stdout } = spawnSync(PROGRAM, ['--version'], { encoding: 'utf8', timeout: 5_000 })
  return error === undefined ? (stdout.trim().split('\n').at(-1) ?? '') : undefined
}

function configuration(
  admin: DrachtioServer['admin'],
  { host, port }: DrachtioServer['address'],
  { protocols = BOTH, sipElements = '', timers }: DrachtioServerOptions,
): string {
  const timerElements =
    timers === undefined
      ? ''
      : `<timers><t1>${timers.t1Ms}</t1><t2>${timers.t2Ms}</t2><t4>${timers.t4Ms}</t4>` +
        `<t1x64>${64 * timers.t1Ms}</t1x64></timers>`
  return `<drachtio>
  <admin port="${admin.port}" secret="${admin.secret}">${admin.host}</admin>
  <sip>
    <contacts><contact>sip:${host}:${port};transport=${protocols.join(',')}</contact></contacts>
    ${timerElements}
    ${sipElements}
  </sip>
  <cdrs>false</cdrs>
  <logging><console/><sofia-loglevel>1</sofia-loglevel><loglevel>error</loglevel></logging>
</drachtio>
`
}

function takesConnection({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    const settle = (accepted: boolean): void => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

async function freeSipPort(host: string): Promise<number> {
  for (let tries = 1; tries <= PORT_TRIES; tries += 1) {
    const port = await freeTcpPort(host)
    if (await isFreeForUdp(port, host)) return port
  }
  throw new Error(`no port of ${host} is free for UDP and TCP`)
}
