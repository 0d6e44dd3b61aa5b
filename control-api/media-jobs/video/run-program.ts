// One run of ffmpeg or ffprobe: no shell, no environment, nothing to read, bounded in time, memory, files and output.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import { systemCodeOf } from '#core/errors'
import { toolsBroken, toolsMissing, type VideoPrograms } from './programs.ts'

export interface RunLimits {
  readonly deadlineMs: number
  readonly cpuSeconds: number
  /** Address space: what is reserved counts too. */
  readonly memoryBytes: number
  /** Of each file that it writes. */
  readonly fileBytes: number
}

export interface ProgramRun {
  readonly programs: VideoPrograms
  readonly program: 'ffmpeg' | 'ffprobe'
  readonly argv: readonly string[]
  /** Private: nothing of others is there. */
  readonly cwd: string
  readonly limits: RunLimits
  readonly signal: AbortSignal
  /** Told of each line of its output, which is then not collected. False: it has said enough, and is ended. */
  readonly onLine?: (line: string) => boolean
}

export type ProgramEnd =
  | {
      readonly kind: 'exited'
      readonly code: number
      readonly output: string
      /** The beginning of what it complained of. */
      readonly complaint: string
    }
  /** By its deadline, or by the time of the processor that it had. */
  | { readonly kind: 'too-slow' }
  /** It wrote or said more than it may. */
  | { readonly kind: 'too-much' }
  /** Ended by `onLine`. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'crashed' }

const MAX_OUTPUT_BYTES = 1024 * 1024
const MAX_COMPLAINT_BYTES = 8 * 1024
const MAX_LINE_CHARS = 4096
/** Of all of its user: a bound for a defect, far above what the machine's other programs have. */
const MAX_PROCESSES = 4096
const NICENESS = 10
/** ffmpeg ends itself a little before (-timelimit). */
const CPU_GRACE_SECONDS = 5

/** @throws AppError `VIDEO_TOOLS_MISSING`; the signal's reason */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  run.signal.throwIfAborted()
  const [command = '', ...argv] = commandLine(run)
  const child = spawn(command, argv, {
    cwd: run.cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return watch(child, run)
}

function commandLine({ programs, program, argv, limits }: ProgramRun): readonly string[] {
  const { setpriv, nice, prlimit } = programs
  const { cpuSeconds, memoryBytes, fileBytes } = limits
  return [
    ...(setpriv === undefined ? [] : [setpriv, '--no-new-privs', '--pdeathsig', 'KILL']),
    ...(nice === undefined ? [] : [nice, '-n', String(NICENESS)]),
    ...(prlimit === undefined
      ? []
      : [
          prlimit,
          `--cpu=${cpuSeconds + CPU_GRACE_SECONDS}`,
          `--as=${memoryBytes}`,
          `--fsize=${fileBytes}`,
          `--nproc=${MAX_PROCESSES}`,
          '--core=0',
        ]),
    programs[program],
    ...argv,
  ]
}

type Child = ChildProcessByStdio<null, Readable, Readable>

async function watch(child: Child, run: ProgramRun): Promise<ProgramEnd> {
  const { signal, limits } = run
  let verdict: Exclude<ProgramEnd, { kind: 'exited' }> | undefined
  const end = (why: NonNullable<typeof verdict>['kind']): void => {
    verdict ??= { kind: why }
    child.kill('SIGKILL')
  }
  const kill = (): boolean => child.kill('SIGKILL')
  signal.addEventListener('abort', kill, { once: true })
  const timer = setTimeout(() => end('too-slow'), limits.deadlineMs)
  const output = readOutput(child.stdout, run.onLine, end)
  const complaint = readBeginning(child.stderr)
  try {
    const { code, by } = await endOf(child)
    signal.throwIfAborted()
    if (verdict) return verdict
    if (code === null) return { kind: KILLED_BY[by ?? ''] ?? 'crashed' }
    if (NOT_STARTED.includes(code)) throw toolsBroken()
    return { kind: 'exited', code, output: output(), complaint: complaint() }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
  }
}

/** Of whoever starts another program (POSIX env): it cannot be had, or not with the libraries that are there. */
const NOT_STARTED = [126, 127]

/** By the system: SIGKILL is also what prlimit's processor time ends in, and what an exhausted machine does. */
const KILLED_BY: Readonly<Record<string, 'too-slow' | 'too-much'>> = {
  SIGXCPU: 'too-slow',
  SIGKILL: 'too-slow',
  SIGXFSZ: 'too-much',
}

function endOf(
  child: Child,
): Promise<{ readonly code: number | null; readonly by: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('close', (code, by) => resolve({ code, by }))
    child.once('error', (error) => {
      // Removed since it was looked for.
      reject(systemCodeOf(error) === 'ENOENT' ? toolsMissing() : error)
    })
  })
}

function readOutput(
  stream: Readable,
  onLine: ProgramRun['onLine'],
  end: (why: 'too-much' | 'stopped') => void,
): () => string {
  stream.setEncoding('utf8')
  let text = ''
  stream.on('data', (chunk: string) => {
    text += chunk
    if (onLine) {
      const lines = text.split('\n')
      text = (lines.pop() ?? '').slice(-MAX_LINE_CHARS)
      if (!lines.every(onLine)) end('stopped')
    } else if (text.length > MAX_OUTPUT_BYTES) {
      text = ''
      end('too-much')
    }
  })
  return () => text
}

/** All of it is read, or it would wait for us. */
function readBeginning(stream: Readable): () => string {
  stream.setEncoding('utf8')
  let text = ''
  stream.on('data', (chunk: string) => {
    if (text.length < MAX_COMPLAINT_BYTES) text = (text + chunk).slice(0, MAX_COMPLAINT_BYTES)
  })
  return () => text
}
