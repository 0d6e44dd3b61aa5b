// Debian's SIPp as caller or callee: a foreign SIP stack that says by its exit code whether all went as scripted.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freeUdpPort, needs, startProgram, temporaryFolder } from './process.ts'

export const sippOptions = needs('sipp', 'sip-tester')

export interface SippMessage {
  readonly atMs: number
  readonly direction: 'sent' | 'received'
  readonly startLine: string
  readonly text: string
}

export interface SippOptions {
  /** A file of test/integration/scenarios without `.xml`, or one of SIPp's own as `-sn NAME`. */
  readonly scenario: string
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

export async function runSipp(t: Test, options: SippOptions): Promise<Sipp> {
  const folder = temporaryFolder(t, 'sipp')
  const port = await freeUdpPort()
  const mediaPort = await freeUdpPort()
  const messageFile = join(folder, 'messages.log')
  const errorFile = join(folder, 'errors.log')
  const program = startProgram(
    t,
    [
      'sipp',
      ...scenarioOf(options.scenario),
      ...(options.target === undefined ? [] : [options.target]),
      ...['-i', '127.0.0.1', '-p', String(port), '-mp', String(mediaPort), '-nostdin'],
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
  return {
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
