// Loaded before a program (`--import`): the modules that MUTANT names are read with other words in them, in all threads.
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Change {
  /** From the root of the project. */
  readonly file: string
  readonly from: string
  readonly to: string
}

const ROOT = join(import.meta.dirname, '../..')

/** The environment of a Node whose modules are changed so. */
export const mutated = (changes: readonly Change[]): Readonly<Record<string, string>> => ({
  MUTANT: JSON.stringify(changes),
  NODE_OPTIONS: `--import=${import.meta.filename}`,
})

const changes = JSON.parse(process.env['MUTANT'] ?? '[]') as readonly Change[]

if (changes.length > 0)
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context)
      const mine = changes.filter(({ file }) => url === pathToFileURL(join(ROOT, file)).href)
      if (mine.length === 0 || loaded.source === undefined) return loaded
      const source = mine.reduce(
        (text, { from, to }) => text.replace(from, () => to),
        Buffer.from(loaded.source as Uint8Array | string).toString('utf8'),
      )
      return { ...loaded, source }
    },
  })
