// Puts a finished build in the place of the last one under a server that runs: file by file, each whole, what others
// refer to first. A folder cannot be exchanged in one step; with this order nobody meets a page whose script is missing.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MANIFEST } from './first-load.ts'

/** Their names are of their content: one that is there already is the same. */
const ASSETS = 'assets'
/** Names of the assets of the last build. */
const ASSET_LIST = 'assets.json'
export const PAGE_LIST = 'pages.json'
/** Builds under way; hidden, and inside `dist`, so that they are on its file system and nobody's source. */
const STAGE = '.stage-'

export async function openStage(dist: string): Promise<string> {
  await mkdir(dist, { recursive: true })
  // Of builds that died: whoever calls this holds the lock.
  for (const name of await readdir(dist))
    if (name.startsWith(STAGE)) await rm(join(dist, name), { recursive: true, force: true })
  return join(dist, `${STAGE}${process.pid}`)
}

export async function publish(stage: string, dist: string): Promise<void> {
  const assets = await namesIn(join(stage, ASSETS))
  const former = await readList(join(dist, ASSET_LIST))
  await mkdir(join(dist, ASSETS), { recursive: true })
  for (const name of assets) await rename(join(stage, ASSETS, name), join(dist, ASSETS, name))
  await writeFile(join(stage, ASSET_LIST), JSON.stringify(assets))
  await mkdir(dirname(join(dist, MANIFEST)), { recursive: true })
  for (const name of [MANIFEST, 'index.html', PAGE_LIST, ASSET_LIST])
    await rename(join(stage, name), join(dist, name))
  await rm(stage, { recursive: true })
  // Those of the last build stay for the tabs that are open; what is older goes.
  const wanted = new Set([...assets, ...former])
  for (const name of await namesIn(join(dist, ASSETS)))
    if (!wanted.has(name)) await rm(join(dist, ASSETS, name), { force: true })
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).toSorted()
}

async function readList(path: string): Promise<readonly string[]> {
  try {
    const list: unknown = JSON.parse(await readFile(path, 'utf8'))
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return [] // The first build.
  }
}
