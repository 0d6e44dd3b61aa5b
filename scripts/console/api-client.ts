// The console's client of the API, made from the API document. TypeScript, so that the page and the document cannot part.
import { createHash } from 'node:crypto'
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConsolePlaces } from './places.ts'

/** Grows with what is done to the files below. */
const REVISION = 2
/** A change of these makes the client anew. */
const OPTIONS = {
  plugins: [
    '@hey-api/typescript',
    { name: '@hey-api/client-fetch', throwOnError: true },
    '@hey-api/sdk',
    { name: '@tanstack/react-query', queryOptions: true },
  ],
  logs: { level: 'silent', file: false },
} as const

/** Only when the document, or what makes the client, is not that of the last time. */
export async function makeApiClient({ apiDocument, apiClient }: ConsolePlaces): Promise<void> {
  const document = readFileSync(apiDocument)
  const from = createHash('sha256')
    .update(`${generatorVersion()} ${REVISION} ${JSON.stringify(OPTIONS)}\n`)
    .update(document)
    .digest('hex')
  if (readMark(apiClient) === from) return
  const made = `${apiClient}.${process.pid}`
  const former = `${made}.former`
  try {
    // Most of the time it is not needed.
    const { createClient } = await import('@hey-api/openapi-ts')
    await createClient({
      input: apiDocument,
      output: { path: made, module: { extension: '.ts' } },
      plugins: [...OPTIONS.plugins],
      logs: OPTIONS.logs,
    })
    // It does not know exactOptionalPropertyTypes, and whoever imports a page's types imports it.
    for (const file of globSync(join(made, '**/*.ts')))
      writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, 'utf8')}`)
    writeFileSync(join(made, MARK), from)
    moveAway(apiClient, former)
    renameSync(made, apiClient)
  } finally {
    for (const left of [made, former]) rmSync(left, { recursive: true, force: true })
  }
}

/** Which document and generator it is from. */
const MARK = 'from.txt'

function readMark(apiClient: string): string | undefined {
  try {
    return readFileSync(join(apiClient, MARK), 'utf8')
  } catch {
    return undefined // There is none yet.
  }
}

function moveAway(path: string, to: string): void {
  try {
    renameSync(path, to)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing) throw error
  }
}

function generatorVersion(): string {
  const entry = fileURLToPath(import.meta.resolve('@hey-api/openapi-ts'))
  const path = join(dirname(entry), '../package.json')
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
  return version
}
