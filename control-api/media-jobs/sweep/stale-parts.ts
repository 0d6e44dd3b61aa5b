// Halves of files in the work folder that nobody has written to for long: whoever did is gone, or began anew.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../../storage/durable-file.ts'

/** How many were deleted. */
export async function deleteStaleParts(folder: string, before: number): Promise<number> {
  let deleted = 0
  for (const name of await namesIn(folder)) {
    if (!name.endsWith('.part')) continue
    const path = join(folder, name)
    const found = await stat(path).catch(ignoreMissing)
    if (!found?.isFile() || found.mtimeMs >= before) continue
    await rm(path, { force: true })
    deleted += 1
  }
  return deleted
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(ignoreMissing)) ?? []

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
