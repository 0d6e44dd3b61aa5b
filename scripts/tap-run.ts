// Runs tap and counts what it did: every assertion, every skip, and the words of every failure.
import { spawn, spawnSync } from 'node:child_process'
import { Parser } from 'tap-parser'

/** What we use of tap-parser, whose own events are untyped. */
interface TapStream {
  readonly name: string
  on(event: 'child', listener: (child: TapStream) => void): void
  on(
    event: 'complete',
    listener: (results: { readonly ok: boolean; readonly time: number | null }) => void,
  ): void
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
}

const TAP = 'node_modules/tap/dist/esm/run.mjs'

/**
 * Leaves out the plugins that `.taprc` takes away: as installed, tap compiles each test file with TypeScript, which costs
 * three seconds of a core and 300 MB a file. Node runs them as they are.
 */
export function buildTap(): void {
  const { status } = spawnSync(process.execPath, [TAP, 'build'], { stdio: 'inherit' })
  if (status !== 0) console.log('tap could not be built without its compiler: the tests run slower')
}

/** @param files test files; all of `.taprc` when empty */
export async function runTap(files: readonly string[]): Promise<TapCounts> {
  const counts: TapCounts = { passed: 0, failed: 0, skipped: [] }
  const child = spawn(process.execPath, [TAP, 'run', '--reporter=tap', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const parser = new Parser()
  const stream = parser as unknown as TapStream
  watch(stream, '', counts)
  stream.on('child', (file) => {
    file.on('complete', ({ ok, time }) => {
      console.log(`${ok ? 'ok  ' : 'FAIL'} ${file.name} (${((time ?? 0) / 1000).toFixed(1)} s)`)
    })
  })
  child.stdout.pipe(parser)
  const code = await new Promise<number>((resolve) =>
    child.on('close', (status) => resolve(status ?? 1)),
  )
  // A crash of the runner itself must not look like a run without tests.
  if (code !== 0 && counts.failed === 0) counts.failed += 1
  if (counts.passed === 0 && counts.failed === 0) counts.failed += 1
  return counts
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
      reportFailure(path, result.name, result.diag, counts)
  })
}

function reportFailure(path: string, name: string, diag: unknown, counts: TapCounts): void {
  counts.failed += 1
  console.log(`FAIL ${path} › ${name}`)
  if (diag) console.log(JSON.stringify(diag, null, 2).slice(0, 4000).replaceAll(/^/gm, '     '))
}
