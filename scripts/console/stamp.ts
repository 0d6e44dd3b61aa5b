// Whether the console that lies there was built from the sources that lie there. Nothing but Node is needed to tell.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { ConsolePlaces } from './places.ts'

const stampOf = ({ dist }: ConsolePlaces): string => join(dist, 'stamp')

/** Also true where there is no build at all. */
export const isConsoleStale = (places: ConsolePlaces): boolean =>
  readText(stampOf(places)) !== hashSources(places)

/** Of a build: its last step. */
export function writeStamp(places: ConsolePlaces, hash: string): void {
  writeFileSync(stampOf(places), hash)
}

/** Before anything of a build is replaced: one that dies half-way is stale, whatever it replaces. */
export function removeStamp(places: ConsolePlaces): void {
  rmSync(stampOf(places), { force: true })
}

/** Names and contents; what is made by a build does not count. */
export function hashSources(places: ConsolePlaces): string {
  const hash = createHash('sha256')
  const made = [places.dist, places.apiClient]
  for (const start of [places.sources, ...places.alsoRead])
    for (const file of filesIn(start, made)) {
      const content = readFileSync(file)
      hash.update(`${relative(places.sources, file)}\n${content.length}\n`).update(content)
    }
  return hash.digest('hex')
}

function filesIn(path: string, except: readonly string[]): readonly string[] {
  if (except.includes(path)) return []
  const kind = statSync(path, { throwIfNoEntry: false })
  if (!kind) return []
  if (!kind.isDirectory()) return [path]
  // What editors leave: hidden, or with a tilde.
  const names = readdirSync(path).filter((name) => !/^\.|~$/.test(name))
  return names.toSorted().flatMap((name) => filesIn(join(path, name), except))
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // Missing is stale.
  }
}
