// Debian's SIPp as caller or callee: a foreign SIP stack that says by its exit code whether all went as scripted.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  eventually,
  freeUdpPort,
  hasUdpListener,
  isFreeForUdp,
  needs,
  startProgram,
  temporaryFolder,
} from './process.ts'

export const sippOptions = needs('sipp', 'sip-tester')

export interface SippMessage {
  readonly atMs: number
  readonly direction: 'sent' | 'received'
  readonly startLine: string
  readonly text: string
}

export interface SippOptions {
  /** A file of test/integration/scenarios without `.xml`, one anywhere with it, or one of SIPp's own as `-sn NAME`. */
  readonly scenario: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** `host:port` to call; absent for a scenario that is called. */
  readonly target?: string
  readonly calls?: number
  readonly perSecond?: number
  readonly args?: readonly string[]
  /** `[name]` in the scenario. */
  readonly keys?: Readonly<Record<string, string | number>>
  readonly timeoutSeconds?: number
}

export interface Sipp {
  readonly host: string
  readonly port: number
  readonly mediaPort: number
  /** 0: every call went as the scenario says. */
  readonly exitCode: Promise<number | null>
  /** What SIPp saw, so far. */
  messages(): readonly SippMessage[]
  /** Its own words about what was unexpected. */
  errors(): string
  stop(): Promise<void>
}

const LISTEN_MS = 10_000
/** Of this process, below those that the system hands out: SIPp takes four from the first on, a moment later. */
const MEDIA_PORTS = { first: 10_000, ofProcess: 400, processes: 12, ofSipp: 4 }
let mediaPorts = 0

async function freeMediaPort(host: string): Promise<number> {
  const { first, ofProcess, processes, ofSipp } = MEDIA_PORTS
  const own = first + (process.pid % processes) * ofProcess
  for (let tries = 0; tries < ofProcess / ofSipp; tries += 1) {
    const port = own + (mediaPorts % ofProcess)
    mediaPorts += ofSipp
    if ((await isFreeForUdp(port, host)) && (await isFreeForUdp(port + 2, host))) return port
  }
  throw new Error('no media ports are free')
}

export async function runSipp(t: Test, options: SippOptions): Promise<Sipp> {
  const folder = temporaryFolder(t, 'sipp')
  const host = options.host ?? '127.0.0.1'
  const port = await freeUdpPort(host)
  const mediaPort = await freeMediaPort(host)
  const messageFile = join(folder, 'messages.log')
  const errorFile = join(folder, 'errors.log')
  const program = startProgram(
    t,
    [
      'sipp',
      ...scenarioOf(options.scenario),
      ...(options.target === undefined ? [] : [options.target]),
      ...['-i', host, '-p', String(port), '-mp', String(mediaPort), '-nostdin'],
      ...['-m', String(options.calls ?? 1), '-r', String(options.perSecond ?? 10)],
      ...['-timeout', String(options.timeoutSeconds ?? 30), '-timeout_error'],
      ...['-trace_msg', '-message_file', messageFile, '-trace_err', '-error_file', errorFile],
      ...Object.entries(options.keys ?? {}).flatMap(([name, value]) => [
        '-key',
        name,
        String(value),
      ]),
      ...(options.args ?? []),
    ],
    { cwd: folder },
  )
  // Who is called before it listens is unreachable.
  if (options.target === undefined)
    await eventually('SIPp to listen', LISTEN_MS, async () => {
      return program.stderr !== '' || (await hasUdpListener(port, host))
    })
  return {
    host,
    port,
    mediaPort,
    exitCode: program.ended.then(({ code }) => code),
    messages: () => parseTrace(textOf(messageFile)),
    errors: () => textOf(errorFile) + program.stderr,
    stop: async () => {
      program.signal('SIGKILL')
      await program.ended
    },
  }
}

/** Every call went as the scenario says; else SIPp's words and the last messages tell what did not. */
export async function succeeds(t: Test, sipp: Sipp): Promise<void> {
  const code = await sipp.exitCode
  const lines = sipp.messages().map(({ direction, startLine }) => `${direction} ${startLine}`)
  const said = code === 0 ? '' : `: ${sipp.errors().slice(0, 2000)}\n${lines.slice(-30).join('\n')}`
  t.equal(code, 0, `every call went as the scenario says${said}`)
}

const scenarioOf = (scenario: string): readonly string[] =>
  scenario.startsWith('-')
    ? scenario.split(' ')
    : scenario.endsWith('.xml')
      ? ['-sf', scenario]
      : ['-sf', join(import.meta.dirname, `../integration/scenarios/${scenario}.xml`)]

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/** `---- 2026-01-31 12:00:00.123456` and `UDP message sent (N bytes):` stand before each message. */
function parseTrace(trace: string): SippMessage[] {
  return trace
    .split(/^-{20,} (?=\d{4}-)/m)
    .slice(1)
    .flatMap((part) => {
      const time = /^(\S+)[ \t](\S+)/.exec(part)
      const kind = /^UDP message (sent|received)[^\n]*\n\n/m.exec(part)
      if (!time || !kind) return []
      const text = part.slice(kind.index + kind[0].length)
      return [
        {
          atMs: Date.parse(`${time[1] ?? ''}T${(time[2] ?? '').slice(0, 12)}`),
          direction: kind[1] === 'sent' ? ('sent' as const) : ('received' as const),
          startLine: text.slice(0, text.search(/\r?\n/)),
          text,
        },
      ]
    })
}
