// Runs the test files, each as the program it is, and counts what they say: every assertion, every skip, and the words
// of every failure. tap's own runner puts hooks on the modules of every process and thread that a test starts, which
// costs half of the processor time of the whole run.
import { spawn, type ChildProcess } from 'node:child_process'
import { Parser } from 'tap-parser'
import { calmMoment, STANDSTILL_MS, watched } from './test-machine.ts'
import { exitCodeIn, markOf } from './test-mark.ts'
import { TestPace } from './test-pace.ts'
import { allTestFiles, createSchedule, type Unit } from './test-schedule.ts'

/** What we use of tap-parser, whose own events are untyped. */
interface TapStream {
  readonly name: string
  on(event: 'child', listener: (child: TapStream) => void): void
  on(event: 'assert', listener: (result: TapAssertion) => void): void
  on(event: 'comment', listener: (comment: string) => void): void
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
/** More of it for each of the short files that share a process. */
const SHORT_FILE_SECONDS = 30
/** Those that end neither by themselves nor by their own time-out; a file may give itself a longer one than ours. */
const KILL_AFTER_SECONDS = 180
/**
 * Node that has ended its JavaScript may wait for its compiler's threads, and they for it, for ever (nodejs/node#54918).
 * What looked like it was seen once, in tens of thousands of processes. Whoever leaves something open does not come so far.
 */
const NODE_ENDS_MS = 5000
const UNIT_PROGRAM = 'scripts/test-unit.ts'
/** Failures of the whole run that are looked at again, each alone: more than these are no accident of a busy machine. */
const MAX_SECOND_RUNS = 24
/** Of those that measure sound, so many run at a time: they wait more than they work. */
const TIMED_AT_ONCE = 2
/** As often is a file run whose failure comes with a standstill of the machine. */
const MAX_TRIES = 3
/** What a test has started may hold its output open. */
const OUTPUT_ENDS_MS = 5000

/** @param files test files; all when empty */
export async function runTap(files: readonly string[]): Promise<TapCounts> {
  const run: Run = { counts: noCounts(), failed: [], running: new Set() }
  endWithUs(run.running)
  const { first, timed, browsers } = createSchedule(files.length > 0 ? files : allTestFiles())
  const jobs = (units: readonly Unit[]) => units.map((unit) => () => runUnit(unit, run))
  await new TestPace().run(jobs(first))
  const calmly = (file: string) => async () => note(file, await runCalmly(file, run.running), run)
  await new TestPace(TIMED_AT_ONCE).run(timed.map(calmly))
  await new TestPace().run(jobs(browsers))
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

const noCounts = (): TapCounts => ({ passed: 0, failed: 0, skipped: [], failedFiles: [] })

async function runUnit(unit: Unit, run: Run): Promise<void> {
  for (const [file, counts] of await runFiles(unit, run.running)) note(file, counts, run)
}

function note(file: string, counts: TapCounts, run: Run): void {
  if (counts.failed > 0) run.failed.push({ file, counts })
  else add(run.counts, counts)
}

/** Many tests measure times: what failed beside others must fail alone, too. */
async function lookAgain({ counts, failed, running }: Run, isWhole: boolean): Promise<void> {
  const again = isWhole && failed.length <= MAX_SECOND_RUNS
  for (const { file, counts: first } of failed) {
    if (again) console.log(`again, alone: ${file}`)
    const last = again ? await runCalmly(file, running) : first
    add(counts, last)
    if (last.failed > 0) counts.failedFiles.push(file)
  }
}

function add(sum: TapCounts, { passed, failed, skipped }: TapCounts): void {
  sum.passed += passed
  sum.failed += failed
  sum.skipped.push(...skipped)
}

/** Judged by a run in which the machine kept time, where it can be had. */
export async function runCalmly(file: string, running: Set<ChildProcess>): Promise<TapCounts> {
  for (let tries = 1; ; tries += 1) {
    await calmMoment()
    const { result, lateMs } = await watched(() => runFiles([file], running))
    const counts = result.get(file) ?? noCounts()
    if (counts.failed === 0 || lateMs <= STANDSTILL_MS || tries === MAX_TRIES) return counts
    console.log(`void, as the machine stood still for ${lateMs} ms: ${file}`)
  }
}

/** @returns what each of the files said */
async function runFiles(
  unit: Unit,
  running: Set<ChildProcess>,
): Promise<ReadonlyMap<string, TapCounts>> {
  const timeoutSeconds = FILE_TIMEOUT_SECONDS + (unit.length - 1) * SHORT_FILE_SECONDS
  const told = new Told(unit)
  const child = spawn(process.execPath, [...process.execArgv, UNIT_PROGRAM, ...unit], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP: '1', TAP_CHILD_ID: '1', TAP_TIMEOUT: String(timeoutSeconds) },
  })
  running.add(child)
  const parser = new Parser()
  const judged = new Promise<boolean>((resolve) =>
    parser.on('complete', ({ ok }: { readonly ok: boolean }) => {
      resolve(ok)
    }),
  )
  watch(parser, '', told)
  const exits = new Promise<number>((resolve) =>
    parser.on('comment', (comment: string) => {
      const code = exitCodeIn(comment)
      if (code !== undefined) resolve(code)
    }),
  )
  child.stdout.pipe(parser)
  const ended = await endOf(child, exits, timeoutSeconds + KILL_AFTER_SECONDS)
  running.delete(child)
  told.end((await judged) && ended === 0, ended)
  for (const [file, { failed }] of told.files)
    console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${file} (${told.secondsOf(file)} s)`)
  return told.files
}

/** What the files of a process say, told apart by the marks between them (scripts/test-unit.ts). */
class Told {
  readonly files: ReadonlyMap<string, TapCounts>
  readonly #unit: Unit
  readonly #seconds = new Map<string, string>()
  #at = 0
  #since = performance.now()

  constructor(unit: Unit) {
    this.#unit = unit
    this.files = new Map(unit.map((file) => [file, noCounts()]))
  }

  /** The one that speaks. */
  get file(): string {
    return this.#unit[Math.min(this.#at, this.#unit.length - 1)] ?? ''
  }

  get counts(): TapCounts {
    return this.files.get(this.file) ?? noCounts()
  }

  isMark(name: string): boolean {
    return this.#unit.length > 1 && name === markOf(this.file)
  }

  pass(): void {
    this.#stop()
    this.#at += 1
  }

  /** Its own, and of the first of a process also the start of that; of one never reached, 0. */
  secondsOf(file: string): string {
    return this.#seconds.get(file) ?? '0.0'
  }

  /** A time-out, a crash, an empty file: nothing inside says it. Those that never had their turn have failed, too. */
  end(ok: boolean, how: number | string): void {
    if (this.#at < this.#unit.length) this.#stop()
    const failed = [...this.files.values()].some((counts) => counts.failed > 0)
    if (!ok && !failed) report(this, '', `ended with ${how}`, undefined)
    if (this.#unit.length === 1) return
    for (; this.#at < this.#unit.length; this.#at += 1)
      if (this.counts.failed === 0) report(this, '', 'was not run to its end', undefined)
  }

  #stop(): void {
    const now = performance.now()
    this.#seconds.set(this.file, ((now - this.#since) / 1000).toFixed(1))
    this.#since = now
  }
}

/** Its exit code, or the signal that ended it; of Node that hangs at its end, what it meant to exit with. */
function endOf(
  child: ChildProcess,
  exits: Promise<number>,
  mostSeconds: number,
): Promise<number | string> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => child.kill('SIGKILL'), mostSeconds * 1000)
    let hung: NodeJS.Timeout | undefined
    let meant: number | undefined
    void exits.then((code) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      hung = setTimeout(() => {
        meant = code
        console.log(
          `Node did not end by itself after ${child.spawnargs.at(-1)} (as in nodejs/node#54918): killed`,
        )
        child.kill('SIGKILL')
      }, NODE_ENDS_MS)
    })
    child.on('exit', (code, signal) => {
      clearTimeout(deadline)
      clearTimeout(hung)
      const held = setTimeout(() => child.stdout?.destroy(), OUTPUT_ENDS_MS)
      child.on('close', () => {
        clearTimeout(held)
        resolve(code ?? meant ?? signal ?? 'no exit code')
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

function watch(parser: TapStream, path: string, told: Told): void {
  let summaryOf: { readonly failedBefore: number } | undefined
  parser.on('child', (child) => {
    summaryOf = { failedBefore: told.counts.failed }
    watch(child, `${path} › ${child.name}`, told)
  })
  parser.on('assert', (result) => {
    const summary = summaryOf
    summaryOf = undefined
    const { counts } = told
    if (path === '' && told.isMark(result.name)) told.pass()
    else if (result.skip !== undefined && result.skip !== false)
      counts.skipped.push(` › ${told.file}${path} › ${result.name}`)
    else if (result.ok) counts.passed += summary ? 0 : 1
    // A summary counts only when nothing inside explains it: a time-out, a crash, an empty file.
    else if (!summary || summary.failedBefore === counts.failed)
      report(told, path, result.name, result.diag)
  })
}

function report({ counts, file }: Told, path: string, name: string, diag: unknown): void {
  counts.failed += 1
  console.log(`FAIL  › ${file}${path} › ${name}`)
  if (diag) console.log(JSON.stringify(diag, null, 2).slice(0, 4000).replaceAll(/^/gm, '     '))
}
