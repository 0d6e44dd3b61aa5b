// The checks that need no test runner: the console, format, lint, types, the law of the folders, generated documents.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { renderedDocuments } from './rendered-documents.ts'

export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  readonly output: string
}

/** dependency-cruiser passes while seeing nothing when its configuration is misread: fewer modules than this is a failure. */
const FEWEST_MODULES = 120

/** TypeScript's native compiler; the one in JavaScript stays for those that use its API (adr/0025). */
const TSC = 'node_modules/typescript-native/bin/tsc'

function tool(name: string, file: string, args: readonly string[]): Promise<CheckResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...process.execArgv, file, ...args],
      { maxBuffer: 64e6 },
      (error, stdout, stderr) => {
        resolve({ name, ok: error === null, output: `${stdout}${stderr}` })
      },
    )
  })
}

async function boundaries(): Promise<CheckResult> {
  const file = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'
  const folders = [
    ...['core', 'gateway', 'bridge', 'control-api', 'simulators', 'startup', 'rehearsal'],
    ...['doctor', 'dashboards', 'main.ts'],
  ]
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...folders]
  const result = await tool('boundaries', file, args)
  const seen = Number(/(\d+) modules/.exec(result.output)?.[1] ?? 0)
  if (!result.ok || seen >= FEWEST_MODULES) return result
  const output = `${result.output}\nonly ${seen} modules were seen, at least ${FEWEST_MODULES} were expected`
  return { ...result, ok: false, output }
}

function generatedDocuments(stale: readonly string[]): CheckResult {
  const output = stale.length === 0 ? '' : `stale: ${stale.join(', ')}; run npm run docs`
  return { name: 'generated documents', ok: stale.length === 0, output }
}

/** Builds it where it is stale: without it a page waits for nothing. */
export const checkConsole = (): Promise<CheckResult> =>
  tool('console', 'scripts/build-console.ts', ['--when-stale'])

export async function runChecks(): Promise<readonly CheckResult[]> {
  const documents = await renderedDocuments()
  const stale = documents.filter(({ path, text }) => read(path) !== text).map(({ path }) => path)
  // Two at a time: each of the slow ones wants a core.
  const both = await Promise.all([
    inTurn(
      // First: the types of the console are made by it.
      checkConsole,
      () => tool('types of the console', TSC, ['--noEmit', '-p', 'control-api/console']),
      () => tool('lint', 'node_modules/oxlint/bin/oxlint', []),
    ),
    inTurn(
      () => tool('types', TSC, ['--noEmit', '-p', '.']),
      () => tool('format', 'node_modules/oxfmt/bin/oxfmt', ['--check', '.']),
      boundaries,
      () =>
        tool('dead code', 'node_modules/knip/bin/knip.js', ['--no-config-hints', '--no-progress']),
    ),
  ])
  return [generatedDocuments(stale), ...both.flat()]
}

async function inTurn(...checks: readonly (() => Promise<CheckResult>)[]): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of checks) results.push(await check())
  return results
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // Missing is stale.
  }
}

export function printCheck({ name, ok, output }: CheckResult): void {
  console.log(`${ok ? 'ok  ' : 'FAIL'} check: ${name}`)
  if (!ok) console.log(output.replaceAll(/^/gm, '     '))
}

if (import.meta.main) {
  const results = await runChecks()
  results.forEach(printCheck)
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1
}
