// Where the console's sources, its build and what both depend on are.
import { join } from 'node:path'

export interface ConsolePlaces {
  readonly sources: string
  /** Made from the API document; not kept. */
  readonly apiClient: string
  /** What the control API serves; not kept. */
  readonly dist: string
  readonly apiDocument: string
  /** Besides the sources, what a build follows from. */
  readonly alsoRead: readonly string[]
}

const ROOT = join(import.meta.dirname, '../..')

/** @param root another tree like ours, for tests */
export function consolePlaces(root: string = ROOT): ConsolePlaces {
  const sources = join(root, 'control-api/console')
  const apiDocument = join(root, 'docs/openapi.json')
  return {
    sources,
    apiClient: join(sources, 'api/generated'),
    dist: join(sources, 'dist'),
    apiDocument,
    alsoRead: [
      apiDocument,
      join(root, 'package-lock.json'),
      join(root, 'scripts/build-console.ts'),
      join(root, 'scripts/console'),
    ],
  }
}
