// What the simulators have in common as programs: options with help, sensible complaints, a clean end.
import { parseArgs } from 'node:util'
import { codeOf, messageOf } from '#core/errors'

export interface OptionText {
  readonly name: string
  /** What stands after it; without, it is a switch. */
  readonly takes?: string
  readonly what: string
  /** It may be given more than once. */
  readonly repeats?: true
}

export interface ProgramText {
  /** As it is called: `node scripts/run.mjs simulators/carrier/main.ts`. */
  readonly command: string
  /** What it is, in a line or two. */
  readonly about: string
  readonly options: readonly OptionText[]
  /** What else the help has to say, each with its heading. */
  readonly sections: readonly { readonly title: string; readonly lines: readonly string[] }[]
}

export interface RunningProgram {
  close(): Promise<void>
}

/** Asked for in a way that cannot be done; the words are for whoever typed it. */
export class UsageError extends Error {}

export class AskedFor {
  readonly #values: ReadonlyMap<string, readonly string[]>

  /** @throws UsageError for an option that there is not */
  constructor({ options }: ProgramText, args: readonly string[]) {
    const config = options.map(({ name, takes }) => {
      const type: 'string' | 'boolean' = takes === undefined ? 'boolean' : 'string'
      return [name, { type, multiple: true }] as const
    })
    this.#values = new Map(Object.entries(parsed(args, Object.fromEntries(config))))
    const twice = options.find(
      ({ name, repeats }) => repeats === undefined && (this.#values.get(name)?.length ?? 0) > 1,
    )
    if (twice) throw new UsageError(`--${twice.name} can be given once only`)
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  text(name: string): string | undefined {
    return this.all(name)[0]
  }

  /** @throws UsageError */
  number(
    name: string,
    { least, most }: { readonly least: number; readonly most: number },
  ): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most)
      return value
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not “${text}”`)
  }

  /** @throws UsageError that lists what there is */
  oneOf<T extends string>(name: string, known: readonly T[]): T | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : pick(text, `--${name}`, known)
  }

  /** @throws UsageError */
  json(name: string): unknown {
    const text = this.text(name)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as unknown
    } catch (error) {
      throw new UsageError(`--${name} takes JSON, in quotes of the shell: ${messageOf(error)}`)
    }
  }
}

/** @throws UsageError that lists what there is */
export function pick<T extends string>(text: string, what: string, known: readonly T[]): T {
  const found = known.find((each) => each === text)
  if (found !== undefined) return found
  throw new UsageError(`${what} knows no “${text}”; there is: ${known.join(', ')}`)
}

function parsed(
  args: readonly string[],
  options: Record<string, { readonly type: 'string' | 'boolean'; readonly multiple: boolean }>,
): Readonly<Record<string, string[]>> {
  try {
    const { values } = parseArgs({ args: [...args], options })
    const all = Object.entries(values).map(([name, value]) => [name, [value].flat().map(String)])
    return Object.fromEntries(all) as Record<string, string[]>
  } catch (error) {
    throw new UsageError(messageOf(error).split('. ')[0])
  }
}

export function helpOf({ command, about, options, sections }: ProgramText): string {
  const rows = [...options, HELP].map(({ name, takes, what, repeats }) => {
    const left = takes === undefined ? `--${name}` : `--${name} ${takes}`
    return { left, what: repeats ? `${what}; can be given again` : what }
  })
  const width = Math.max(...rows.map(({ left }) => left.length))
  return [
    about,
    '',
    `usage: ${command} [options]`,
    '',
    ...rows.map(({ left, what }) => `  ${left.padEnd(width)}  ${what}`),
    ...sections.flatMap(({ title, lines }) => ['', title, ...lines.map((line) => `  ${line}`)]),
  ].join('\n')
}

const HELP: OptionText = { name: 'help', what: 'this text' }

/**
 * Runs it until a signal: 0 after Ctrl-C or --help, 1 when it cannot start, 2 when it cannot be asked for so. A second
 * signal ends it at once.
 */
export async function runProgram(
  text: ProgramText,
  start: (asked: AskedFor) => Promise<RunningProgram>,
): Promise<void> {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${helpOf(text)}\n`)
    return
  }
  try {
    const starting = start(new AskedFor(text, args))
    // Before it says that it is ready: whoever reads that may end it at once.
    endOnSignal(starting)
    await starting
  } catch (error) {
    const isUsage = error instanceof UsageError
    const more = isUsage ? `\n${text.command} --help says what there is` : ''
    process.stderr.write(`${isUsage ? error.message : whyNotStarted(error)}${more}\n`)
    process.exitCode = isUsage ? 2 : 1
  }
}

/** One Ctrl-C may be heard twice: from the terminal and from the runner. */
const SAME_REQUEST_MS = 500

function endOnSignal(starting: Promise<RunningProgram>): void {
  let askedAtMs = Number.NEGATIVE_INFINITY
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const nowMs = performance.now()
      const isAgain = askedAtMs > 0 && nowMs - askedAtMs >= SAME_REQUEST_MS
      if (isAgain) process.exit(130)
      if (askedAtMs > 0) return
      askedAtMs = nowMs
      void close(starting)
    })
  }
}

async function close(starting: Promise<RunningProgram>): Promise<void> {
  // Why it did not start, `runProgram` says.
  const program = await starting.catch(() => undefined)
  if (program === undefined) return
  try {
    await program.close()
  } catch (error) {
    process.stderr.write(`closing was not clean: ${messageOf(error)}\n`)
    process.exit(1)
  }
  process.exit(0)
}

function whyNotStarted(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return 'the port is taken by another program: choose another with --port, or leave it out for a free one'
  return codeOf(error) === undefined && error instanceof Error
    ? (error.stack ?? error.message)
    : messageOf(error)
}
