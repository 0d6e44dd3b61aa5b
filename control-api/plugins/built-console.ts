// What of the built console the server must know: its one page as text, and the paths that it has pages for. Read again
// when it was built again.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '#core/telemetry'

export interface BuiltConsole {
  readonly html: string
  /** @param path without its query */
  hasPage(path: string): boolean
}

/** Undefined: there is none, or none that can be read. */
export type ReadBuiltConsole = () => Promise<BuiltConsole | undefined>

export function createBuiltConsole(
  directory: string | undefined,
  logger: Logger,
): ReadBuiltConsole {
  if (directory === undefined) return () => Promise.resolve(undefined)
  const files = [join(directory, 'index.html'), join(directory, 'pages.json')] as const
  let known: { readonly version: string; readonly built: BuiltConsole | undefined } | undefined
  return async () => {
    const version = await versionOf(files)
    if (version === undefined) return undefined
    if (known?.version === version) return known.built
    const built = await read(files, logger)
    known = { version, built }
    return built
  }
}

/** Another one with each build. */
async function versionOf(files: readonly string[]): Promise<string | undefined> {
  try {
    const found = await Promise.all(files.map((file) => stat(file)))
    return found.map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`).join()
  } catch {
    return undefined // Missing: not built.
  }
}

async function read(
  [page, list]: readonly [string, string],
  logger: Logger,
): Promise<BuiltConsole | undefined> {
  try {
    const paths: unknown = JSON.parse(await readFile(list, 'utf8'))
    if (!Array.isArray(paths)) throw new Error('pages.json is not a list')
    const patterns = paths.map((path) => patternOf(String(path)))
    const html = await readFile(page, 'utf8')
    return { html, hasPage: (path) => patterns.some((pattern) => pattern.test(path)) }
  } catch (err) {
    // Once for each build.
    logger.error({ err }, 'the built console cannot be read')
    return undefined
  }
}

/** Of a path as the router of the console takes it: `:name` is one segment, `:name?` one or none, `*` at the end whatever follows. */
function patternOf(path: string): RegExp {
  const segments = path.split('/').filter((segment) => segment !== '')
  const source = segments.map((segment) => {
    if (segment === '*') return '(?:/.*)?'
    const isOptional = segment.endsWith('?')
    const name = isOptional ? segment.slice(0, -1) : segment
    const one = name.startsWith(':') ? '/[^/]+' : `/${RegExp.escape(name)}`
    return isOptional ? `(?:${one})?` : one
  })
  return new RegExp(`^${source.join('')}/?$`)
}
