// What a browser fetches before it shows the first page: index.html, the entry and the page behind `/`, what both import
// at once, and the styles of all of that.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipped } from './compress.ts'

export interface FirstLoad {
  /** Gzipped, all together. */
  readonly bytes: number
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
}

/** What of Vite's manifest is needed here. */
interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly isDynamicEntry?: boolean
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}
type Manifest = Readonly<Record<string, Chunk>>

export const MANIFEST = '.vite/manifest.json'
/** Of the page that is shown first. */
const FIRST_PAGE = 'pages/overview/'

/** @param dist as built, or as served */
export async function firstLoadOf(dist: string): Promise<FirstLoad> {
  const names = ['index.html', ...namesIn(await readManifest(dist))]
  const files = await Promise.all(
    names.map(async (name) => ({
      name,
      bytes: (await gzipped(await readFile(join(dist, name)))).length,
    })),
  )
  return { files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

async function readManifest(dist: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(dist, MANIFEST), 'utf8')) as Manifest
}

function namesIn(manifest: Manifest): ReadonlySet<string> {
  const keys = Object.keys(manifest)
  const entries = keys.filter((key) => manifest[key]?.isEntry === true)
  if (entries.length === 0) throw new Error('the manifest of the console has no entry')
  const pages = keys.filter(
    (key) => key.startsWith(FIRST_PAGE) && manifest[key]?.isDynamicEntry === true,
  )
  if (pages.length === 0) throw new Error(`the manifest of the console has no ${FIRST_PAGE}`)
  const names = new Set<string>()
  const seen = new Set<string>()
  const add = (key: string): void => {
    const chunk = manifest[key]
    if (!chunk || seen.has(key)) return
    seen.add(key)
    for (const name of [chunk.file, ...(chunk.css ?? [])]) names.add(name)
    chunk.imports?.forEach(add)
  }
  for (const key of [...entries, ...pages]) add(key)
  return names
}
