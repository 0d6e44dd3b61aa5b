// Which paths the console has a page for: those that its pages name themselves (control-api/console/pages/*/page.ts).
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ConsolePlaces } from './places.ts'

/** As the router of the console writes them: `/calls/:call_id`. Each once, sorted. */
export async function readPagePaths({ sources }: ConsolePlaces): Promise<readonly string[]> {
  const files = globSync('pages/*/page.ts', { cwd: sources }).toSorted()
  const found = await Promise.all(files.map((file) => pathsOf(join(sources, file))))
  const paths = found.flat().toSorted()
  const twice = paths.find((path, at) => path === paths[at - 1])
  if (twice !== undefined) throw new Error(`two pages of the console have the path ${twice}`)
  if (!paths.includes('/')) throw new Error('no page of the console has the path /')
  return paths
}

async function pathsOf(file: string): Promise<readonly string[]> {
  const { page } = (await import(pathToFileURL(file).href)) as { page?: { path?: unknown } }
  const paths = [page?.path].flat()
  const right = paths.filter((path) => typeof path === 'string' && path.startsWith('/'))
  if (right.length === 0 || right.length < paths.length)
    throw new Error(`${file} exports no page with a path, or paths, that begin with /`)
  return right as string[]
}
