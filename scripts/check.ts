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

const TSC = 'node_modules/typescript/bin/tsc'

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

/** In two runs: what one keeps of the types of all files does not fit into the memory that Node takes by itself. */
async function lint(): Promise<CheckResult[]> {
  const eslint = 'node_modules/eslint/bin/eslint.js'
  return [
    await tool('lint', eslint, ['.', '--ignore-pattern', 'test/**']),
    await tool('lint of the tests', eslint, ['test']),
  ]
}

function generatedDocuments(stale: readonly string[]): CheckResult {
  const output = stale.length === 0 ? '' : `stale: ${stale.join(', ')}; run npm run docs`
  return { name: 'generated documents', ok: stale.length === 0, output }
}

export async function runChecks(): Promise<readonly CheckResult[]> {
  const documents = await renderedDocuments()
  const stale = documents.filter(({ path, text }) => read(path) !== text).map(({ path }) => path)
  // First: the types of the console are made by it.
  const built = await tool('console', 'scripts/build-console.ts', ['--when-stale'])
  const linted = lint()
  // Beside the longest, one after the other: each wants a core.
  return [
    built,
    await tool('format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '.']),
    await tool('types', TSC, ['--noEmit', '-p', '.']),
    await tool('types of the console', TSC, ['--noEmit', '-p', 'control-api/console']),
    await boundaries(),
    await tool('dead code', 'node_modules/knip/bin/knip.js', [
      '--no-config-hints',
      '--no-progress',
    ]),
    generatedDocuments(stale),
    ...(await linted),
  ]
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
