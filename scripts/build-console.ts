// npm run console: makes the API client of the console and builds it into control-api/console/dist, as the control API
// serves it. `-- --when-stale` does nothing when that was built from these sources already; `-- --out FOLDER` builds elsewhere.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeApiClient } from './console/api-client.ts'
import { lockBuild } from './console/build-lock.ts'
import { compressTexts } from './console/compress.ts'
import { firstLoadOf, type FirstLoad } from './console/first-load.ts'
import { readPagePaths } from './console/page-paths.ts'
import { consolePlaces, type ConsolePlaces } from './console/places.ts'
import { openStage, PAGE_LIST, publish } from './console/publish.ts'
import { hashSources, isConsoleStale, removeStamp, writeStamp } from './console/stamp.ts'

export interface ConsoleBuild {
  readonly isNew: boolean
  readonly firstLoad: FirstLoad
}

/** The contract of issue 8 leaves the player out; it is loaded by the page of a call alone. */
export const MAX_FIRST_LOAD_BYTES = 250_000

export async function buildConsole(
  places: ConsolePlaces,
  { whenStale }: { readonly whenStale: boolean },
): Promise<ConsoleBuild> {
  const unlock = await lockBuild(places.dist)
  try {
    // Another build may have done it while this one waited.
    const isNew = !whenStale || isConsoleStale(places)
    if (isNew) await build(places)
    else await makeApiClient(places)
    return { isNew, firstLoad: await firstLoadOf(places.dist) }
  } finally {
    unlock()
  }
}

async function build(places: ConsolePlaces): Promise<void> {
  // What changes meanwhile is not in it for sure: the build is stale then.
  const hash = hashSources(places)
  await makeApiClient(places)
  const stage = await openStage(places.dist)
  await runVite(places, stage)
  await compressTexts(join(stage, 'assets'))
  await writeFile(join(stage, PAGE_LIST), JSON.stringify(await readPagePaths(places)))
  removeStamp(places)
  await publish(stage, places.dist)
  writeStamp(places, hash)
}

async function runVite({ sources }: ConsolePlaces, outDir: string): Promise<void> {
  // Whatever this process is: React has its slow half for every other value.
  process.env['NODE_ENV'] = 'production'
  const vite = await import('vite')
  await vite.build({
    configFile: join(sources, 'vite.config.ts'),
    // By Node, which reads TypeScript: Vite's own way writes a copy into node_modules.
    configLoader: 'native',
    logLevel: 'warn',
    mode: 'production',
    build: { outDir, emptyOutDir: true },
  })
}

if (import.meta.main) {
  const startedAt = performance.now()
  const { values } = parseArgs({
    options: { 'when-stale': { type: 'boolean', default: false }, out: { type: 'string' } },
  })
  const places = consolePlaces()
  const { isNew, firstLoad } = await buildConsole(
    { ...places, dist: resolve(values.out ?? places.dist) },
    { whenStale: values['when-stale'] },
  )
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(isNew ? `the console is built (${seconds} s)` : 'the console is up to date')
  const kilobytes = (firstLoad.bytes / 1000).toFixed(0)
  console.log(
    `first load: ${kilobytes} kB gzipped of at most ${MAX_FIRST_LOAD_BYTES / 1000} kB, ${firstLoad.files.length} files`,
  )
}
