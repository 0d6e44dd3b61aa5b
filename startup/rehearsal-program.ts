// The rehearsal program as a child process: on loopback, with nothing of our settings, with an end to everything.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { setPriority } from 'node:os'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { messageOf } from '#core/errors'

export interface ProgramRun {
  /** When it is gone, and its folder too; never rejects. `problem`: why it has no proper end. */
  readonly ended: Promise<{ readonly problem: string | null }>
  /** Asks it to end, and makes it; resolves with `ended`. */
  stop(): Promise<unknown>
}

export interface ProgramOptions {
  readonly file: string
  readonly args: readonly string[]
  /** Its working and temporary folder, empty at the start and gone with it. */
  readonly folder: string
  /** All of its environment but what Node itself needs. */
  readonly env: Readonly<Record<string, string>>
  readonly deadlineMs: number
  /** After it was asked to end; 6 s unless told. */
  readonly killAfterMs?: number
  /** Told of each line of its output that is JSON. */
  readonly onLine: (value: unknown) => void
}

/** What it closes after a signal takes a second or two. */
const KILL_AFTER_MS = 6000
/** What is left in its pipes when it is gone takes milliseconds. */
const OUTPUT_GRACE_MS = 1000
/** The longest line is a ladder of 500 messages. */
const MAX_LINE_CHARACTERS = 1_000_000
const MAX_CHARACTERS = 20_000_000
const KEPT_COMPLAINT_CHARACTERS = 2000
/** Calls that run here go first. */
const NICENESS = 5

type Child = ChildProcessByStdio<Writable, Readable, Readable>

export async function runProgram(options: ProgramOptions): Promise<ProgramRun> {
  const { file, args, folder } = options
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // A debugger's port is taken by ourselves.
  const flags = process.execArgv.filter((flag) => !flag.startsWith('--inspect'))
  const child = spawn(process.execPath, [...flags, file, ...args], {
    cwd: folder,
    env: { ...environmentOf(folder), ...options.env },
    // It ends when its input does: however we end, it is not left behind.
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  lowerPriority(child)
  return follow(child, options)
}

/** Nothing that was set for us: no key, no trunk, no address. */
function environmentOf(folder: string): Record<string, string> {
  const compiled = getCompileCacheDir()
  return {
    TMPDIR: folder,
    ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) }),
  }
}

function lowerPriority({ pid }: Child): void {
  try {
    if (pid !== undefined) setPriority(pid, NICENESS)
  } catch {
    // Gone already, or a system without it: it runs as it is.
  }
}

function follow(child: Child, options: ProgramOptions): ProgramRun {
  const { folder, deadlineMs, killAfterMs = KILL_AFTER_MS, onLine } = options
  let problem: string | null = null
  let complaint = ''
  let killing: NodeJS.Timeout | undefined
  const end = (why: string | null): void => {
    problem ??= why
    child.stdin.destroy()
    child.kill('SIGTERM')
    killing ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  }
  const seconds = String(Math.round(deadlineMs / 1000))
  const deadline = setTimeout(() => end(`It took longer than ${seconds} s.`), deadlineMs)
  child.stdin.on('error', () => undefined) // Nothing is ever written to it.
  readLines(child.stdout, onLine, end)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, KEPT_COMPLAINT_CHARACTERS)
  })
  const ended = untilGone(child).then(async (error) => {
    clearTimeout(deadline)
    clearTimeout(killing)
    const { exitCode, signalCode } = child
    if (error) problem ??= `The rehearsal program could not be started: ${messageOf(error)}`
    else if (signalCode !== null) problem ??= `The rehearsal program was ended by ${signalCode}.`
    else if (exitCode !== 0) problem ??= complaint.split('\n', 1)[0] || null
    // What is left of it is removed by the next run.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined)
    return { problem }
  })
  return {
    ended,
    stop: () => {
      end(null)
      return ended
    },
  }
}

/** All it wrote is read, unless what it had started holds on to its output. Resolves with why it never ran. */
const untilGone = (child: Child): Promise<Error | undefined> =>
  new Promise((resolve) => {
    let grace: NodeJS.Timeout | undefined
    child.once('exit', () => {
      grace = setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
        resolve(undefined)
      }, OUTPUT_GRACE_MS)
    })
    child.once('close', () => {
      clearTimeout(grace)
      resolve(undefined)
    })
    child.once('error', resolve)
  })

function readLines(
  stream: Readable,
  onLine: (value: unknown) => void,
  end: (why: string) => void,
): void {
  let rest = ''
  let total = 0
  stream.setEncoding('utf8').on('data', (text: string) => {
    total += text.length
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (total > MAX_CHARACTERS || rest.length > MAX_LINE_CHARACTERS) {
      rest = ''
      end('It wrote more than it should.')
      return
    }
    for (const line of lines) onLine(decode(line))
  })
}

/** Undefined of what is no JSON: whoever listens says so. */
function decode(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // A library's own words on our output.
  }
}
