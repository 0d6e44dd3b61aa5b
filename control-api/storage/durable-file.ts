// Files and folders that are on the disk when we say so, and the checksum of a file.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { systemCodeOf } from '#core/errors'

/** Media are personal data. */
const FOLDER_MODE = 0o700
/** Other file systems, other ways to say that no second name can be had: then the bytes are copied. */
const NO_LINK = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK', 'ENOSYS', 'EACCES'])

/** What a file or a folder holds is on the disk, names included. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the folder and those above it, and the names of new ones durable. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: FOLDER_MODE })
  if (first === undefined) return
  // Each new folder's name stands in the one above it.
  for (let made = path; made.length >= first.length; made = dirname(made))
    await syncToDisk(dirname(made))
}

/** A second name for the file on the same disk, else a copy on the other one; either is durable but for its name. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!NO_LINK.has(systemCodeOf(error) ?? '')) throw error
    await copyFile(from, to)
  }
  await syncToDisk(to)
}

/** Lower-case hexadecimal; read in pieces of 64 KiB, so that nothing waits for it long. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')
