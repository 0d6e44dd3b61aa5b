// Runs the test files, each as the program it is, and counts what they say: every assertion, every skip, and the words
// of every failure. tap's own runner puts hooks on the modules of every process and thread that a test starts, which
// costs half of the processor time of the whole run.
import { spawn, type ChildProcess } from 'node:child_process'
import { Parser } from 'tap-parser'
import { allTestFiles, createSchedule, type Lane } from './test-schedule.ts'

/** What we use of tap-parser, whose own events are untyped. */
interface TapStream {
  readonly name: string
  on(event: 'child', listener: (child: TapStream) => void): void
  on(event: 'assert', listener: (result: TapAssertion) => void): void
}
interface TapAssertion {
  readonly ok: boolean
  readonly name: string
  readonly skip?: boolean | string
  readonly diag?: unknown
}

export interface TapCounts {
  passed: number
  failed: number
  readonly skipped: string[]
  /** Whose last run failed. */
  readonly failedFiles: string[]
}

/** Of a file that does not say how long it takes; what it then says is its own. */
const FILE_TIMEOUT_SECONDS = 120
/** A file that ends neither by itself nor by its own time-out. */
const KILL_AFTER_MS = 300_000
/** Failures of the whole run that are looked at again, each alone: more than these are no accident of a busy machine. */
const MAX_SECOND_RUNS = 24
/** What a test has started may hold its output open. */
const OUTPUT_ENDS_MS = 5000

/**
 * @param files test files; all when empty
 * @param checked nothing but those that mostly wait begins before: the checks want both cores
 */
export async function runTap(
  files: readonly string[],
  checked: Promise<unknown>,
): Promise<TapCounts> {
  const run: Run = {
    counts: { passed: 0, failed: 0, skipped: [], failedFiles: [] },
    failed: [],
    running: new Set(),
  }
  endWithUs(run.running)
  const { working, waiting, helping, browsers } = createSchedule(
    files.length > 0 ? files : allTestFiles(),
  )
  const workingLanes = working.map(async (lane) => {
    await checked
    await runLane(lane, run)
  })
  const waitingLanes = Promise.all(waiting.map((lane) => runLane(lane, run))).then(async () => {
    await checked
    await runLane(helping, run)
  })
  await Promise.all([waitingLanes, ...workingLanes])
  await Promise.all(browsers.map((lane) => runLane(lane, run)))
  await lookAgain(run, files.length === 0)
  const { counts } = run
  if (counts.passed === 0 && counts.failed === 0) counts.failed += 1
  return counts
}

interface Run {
  readonly counts: TapCounts
  /** Not counted yet. */
  readonly failed: { readonly file: string; readonly counts: TapCounts }[]
  readonly running: Set<ChildProcess>
}

async function runLane(next: Lane, run: Run): Promise<void> {
  for (let file = next(); file !== undefined; file = next()) {
    const counts = await runFile(file, run.running)
    if (counts.failed > 0) run.failed.push({ file, counts })
    else add(run.counts, counts)
  }
}

/** Four files share two cores, and many tests measure times: what failed beside others must fail alone, too. */
async function lookAgain({ counts, failed, running }: Run, isWhole: boolean): Promise<void> {
  const again = isWhole && failed.length <= MAX_SECOND_RUNS
  for (const { file, counts: first } of failed) {
    if (again) console.log(`again, alone: ${file}`)
    const last = again ? await runFile(file, running) : first
    add(counts, last)
    if (last.failed > 0) counts.failedFiles.push(file)
  }
}

function add(sum: TapCounts, { passed, failed, skipped }: TapCounts): void {
  sum.passed += passed
  sum.failed += failed
  sum.skipped.push(...skipped)
}

async function runFile(file: string, running: Set<ChildProcess>): Promise<TapCounts> {
  const startedAt = performance.now()
  const own: TapCounts = { passed: 0, failed: 0, skipped: [], failedFiles: [] }
  const child = spawn(process.execPath, [...process.execArgv, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP: '1', TAP_CHILD_ID: '1', TAP_TIMEOUT: String(FILE_TIMEOUT_SECONDS) },
  })
  running.add(child)
  const parser = new Parser()
  const judged = new Promise<boolean>((resolve) =>
    parser.on('complete', ({ ok }: { readonly ok: boolean }) => {
      resolve(ok)
    }),
  )
  watch(parser, ` › ${file}`, own)
  child.stdout.pipe(parser)
  const ended = await endOf(child)
  running.delete(child)
  const ok = (await judged) && ended === 0
  // A time-out, a crash, an empty file: nothing inside says it.
  if (!ok && own.failed === 0) report(` › ${file}`, `ended with ${ended}`, undefined, own)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${file} (${seconds} s)`)
  return own
}

/** Its exit code, or the signal that ended it. */
function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    child.on('exit', (code, signal) => {
      clearTimeout(deadline)
      const held = setTimeout(() => child.stdout?.destroy(), OUTPUT_ENDS_MS)
      child.on('close', () => {
        clearTimeout(held)
        resolve(code ?? signal ?? 'no exit code')
      })
    })
  })
}

/** Whoever ends this run ends its tests: none may go on by itself. */
function endWithUs(running: ReadonlySet<ChildProcess>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      for (const child of running) child.kill(signal)
      process.exit(1)
    })
}

function watch(parser: TapStream, path: string, counts: TapCounts): void {
  let summaryOf: { readonly failedBefore: number } | undefined
  parser.on('child', (child) => {
    summaryOf = { failedBefore: counts.failed }
    watch(child, `${path} › ${child.name}`, counts)
  })
  parser.on('assert', (result) => {
    const summary = summaryOf
    summaryOf = undefined
    if (result.skip !== undefined && result.skip !== false)
      counts.skipped.push(`${path} › ${result.name}`)
    else if (result.ok) counts.passed += summary ? 0 : 1
    // A summary counts only when nothing inside explains it: a time-out, a crash, an empty file.
    else if (!summary || summary.failedBefore === counts.failed)
      report(path, result.name, result.diag, counts)
  })
}

function report(path: string, name: string, diag: unknown, counts: TapCounts): void {
  counts.failed += 1
  console.log(`FAIL ${path} › ${name}`)
  if (diag) console.log(JSON.stringify(diag, null, 2).slice(0, 4000).replaceAll(/^/gm, '     '))
}
