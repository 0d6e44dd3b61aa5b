// A real FreeSWITCH with our own configuration files (freeswitch/), where the PATH has one: loopback only. No package
// brings it, so a test that needs it is skipped by name without it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { probeEventSocket } from '../../gateway/media/probe-event-socket.ts'
import { freeTcpPort, freeUdpPort, temporaryFolder } from './process.ts'

const PROGRAM = 'freeswitch'
const CONFIGURATION = fileURLToPath(new URL('../../freeswitch', import.meta.url))
const START_WITHIN_MS = 20_000
const FOLDERS = [
  'log',
  'db',
  'run',
  'certs',
  'storage',
  'recordings',
  'cache',
  'temp',
  'scripts',
  'sounds',
]
/** Beside those of the product's tests. */
const RTP_PORTS = { min: 15_000, count: 200, slots: 10 }

const isInstalled = spawnSync(PROGRAM, ['-version']).status === 0

/** Options of a test that needs it; the test's name says FreeSWITCH too. */
export const freeSwitchOptions: { readonly skip?: string } = isInstalled
  ? {}
  : { skip: `no FreeSWITCH: no program "${PROGRAM}" on the PATH` }

export interface RunningFreeSwitch {
  readonly host: string
  readonly port: number
  readonly secret: string
  readonly pid: number
  /** What it wrote. */
  output(): string
  /** One command of its event socket, such as `show channels count`. */
  api(command: string): Promise<string>
  kill(): Promise<void>
  /** On the same ports, by the same secret. */
  restart(): Promise<void>
  signal(name: NodeJS.Signals): void
}

export async function startFreeSwitch(
  t: Test,
  options: FreeSwitchStart = {},
): Promise<RunningFreeSwitch> {
  const folder = temporaryFolder(t, 'freeswitch')
  for (const name of FOLDERS) mkdirSync(join(folder, name))
  const slot = process.pid % RTP_PORTS.slots
  const rtpMin = RTP_PORTS.min + slot * RTP_PORTS.count
  const freeSwitch = new FreeSwitchProcess(folder, {
    FREESWITCH_PORT: String(options.port ?? (await freeTcpPort())),
    FREESWITCH_SIP_PORT: String(await freeUdpPort()),
    FREESWITCH_SECRET: options.secret ?? randomBytes(12).toString('hex'),
    FREESWITCH_RTP_PORT_MIN: String(rtpMin),
    FREESWITCH_RTP_PORT_MAX: String(rtpMin + RTP_PORTS.count - 2),
  })
  t.teardown(() => freeSwitch.kill())
  await freeSwitch.start()
  return freeSwitch
}

export interface FreeSwitchStart {
  readonly port?: number
  readonly secret?: string
}

class FreeSwitchProcess implements RunningFreeSwitch {
  readonly host = '127.0.0.1'
  readonly #folder: string
  readonly #environment: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  #output = ''

  constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder
    this.#environment = environment
  }

  get port(): number {
    return Number(this.#environment['FREESWITCH_PORT'])
  }

  get secret(): string {
    return this.#environment['FREESWITCH_SECRET'] ?? ''
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  output(): string {
    return this.#output
  }

  async start(): Promise<void> {
    const folders = FOLDERS.flatMap((name) => [`-${name}`, join(this.#folder, name)])
    const args = ['-nonat', '-nonatmap', '-nf', '-c', '-conf', CONFIGURATION, ...folders]
    const child = spawn(PROGRAM, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...this.#environment },
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    const deadline = performance.now() + START_WITHIN_MS
    for (;;) {
      const why = await probeEventSocket(this, 'drachtio_mrf').then(
        () => undefined,
        (error: unknown) => String(error),
      )
      if (why === undefined) return
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`FreeSWITCH did not start: ${why}\n${this.#output.slice(-2000)}`)
      await sleep(50)
    }
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'close')
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  async api(command: string): Promise<string> {
    const socket = connect(this.port, this.host)
    socket.setEncoding('utf8')
    let text = ''
    socket.on('data', (chunk: string) => (text += chunk))
    socket.write(`auth ${this.secret}\n\napi ${command}\n\nexit\n\n`)
    await once(socket, 'close')
    const answer = /Content-Type: api\/response\nContent-Length: (\d+)\n\n/.exec(text)
    if (!answer) throw new Error('FreeSWITCH did not answer')
    const from = answer.index + answer[0].length
    return text.slice(from, from + Number(answer[1]))
  }
}
