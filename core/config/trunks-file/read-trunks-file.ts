// The trunks file as it lies on the disk.
import type { ConfigProblem } from '../config-problem.ts'
import type { Lookup } from './interpolate.ts'
import { parseTrunksFile, type ParsedTrunksFile } from './parse-trunks-file.ts'

/** `unreadable`: the system's word for why it cannot be read. */
export type TrunksFileText = ParsedTrunksFile | { readonly unreadable: ConfigProblem }

/** @param readFile throws when the file cannot be read */
export function readTrunksFile(
  path: string,
  readFile: (path: string) => string,
  lookup: Lookup,
): TrunksFileText {
  try {
    return parseTrunksFile(readFile(path), path, lookup)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const problem = `names ${path}, which cannot be read (${String(error.code)})`
    return { unreadable: { name: 'TRUNKS_FILE', problem } }
  }
}
