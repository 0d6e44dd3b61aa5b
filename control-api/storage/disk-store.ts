// MediaStore on the disk of this machine: a key is a path below one folder.
import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ByteRange, MediaStore, OpenedMedia, StoredMedia } from '#core/contracts'
import { AppError } from '#core/errors'
import {
  isMissing,
  linkOrCopy,
  makeFolder,
  sha256Of,
  syncToDisk,
  systemCodeOf,
} from './durable-file.ts'
import { contentTypeOf, isMediaKey } from './media-key.ts'

/** Files on their way in. No key can name it: it begins with a dot. */
const INCOMING = '.incoming'

/** Makes the folder when it is missing. @throws AppError `STORAGE_UNAVAILABLE`. */
export async function openDiskStore(folder: string): Promise<MediaStore> {
  return guarded(async () => {
    // What a crash left half-way in is still where it came from.
    await rm(join(folder, INCOMING), { recursive: true, force: true })
    await makeFolder(join(folder, INCOMING))
    return new DiskStore(folder)
  })
}

class DiskStore implements MediaStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async putFile(key: string, path: string, contentType: string): Promise<StoredMedia> {
    const target = this.#pathOf(key)
    if (contentType !== contentTypeOf(key))
      throw new RangeError(`a key of this name holds ${contentTypeOf(key)}, not ${contentType}`)
    return guarded(async () => {
      const sha256 = await sha256Of(path)
      const incoming = join(this.#folder, INCOMING, randomUUID())
      try {
        await linkOrCopy(path, incoming)
        await makeFolder(dirname(target))
        await rename(incoming, target)
        await syncToDisk(dirname(target))
      } finally {
        await rm(incoming, { force: true })
      }
      const { size } = await stat(target)
      // Only now: until here a failure leaves the file where it was.
      await unlink(path)
      return { key, bytes: size, sha256, contentType }
    })
  }

  async open(key: string, range?: ByteRange): Promise<OpenedMedia | undefined> {
    const path = this.#pathOf(key)
    return guarded(() => openFile(path, contentTypeOf(key), range), undefined)
  }

  async size(key: string): Promise<number | undefined> {
    const path = this.#pathOf(key)
    return guarded(async () => {
      const found = await stat(path)
      return found.isFile() ? found.size : undefined
    }, undefined)
  }

  async delete(key: string): Promise<boolean> {
    const path = this.#pathOf(key)
    return guarded(async () => {
      if (!(await stat(path)).isFile()) return false
      await unlink(path)
      await syncToDisk(dirname(path))
      return true
    }, false)
  }

  #pathOf(key: string): string {
    // A key comes from our own code: a wrong one is a defect, and its text stays out of the message.
    if (!isMediaKey(key)) throw new RangeError('not a key of the media store')
    return join(this.#folder, key)
  }
}

async function openFile(
  path: string,
  contentType: string,
  range: ByteRange | undefined,
): Promise<OpenedMedia | undefined> {
  const handle = await open(path, 'r')
  try {
    const found = await handle.stat()
    if (!found.isFile()) {
      await handle.close()
      return undefined
    }
    const { first: start = 0, last: end = found.size - 1 } = range ?? {}
    if (range && (start < 0 || end < start || start >= found.size))
      throw new RangeError(`not a range of ${found.size} bytes: ${start}–${end}`)
    // A file of nothing has no last byte to name; the stream closes the handle.
    const stream = handle.createReadStream(found.size === 0 ? {} : { start, end })
    return { stream, totalBytes: found.size, contentType }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The work's value; `missing` when the system says that there is no such file, where one is given. */
async function guarded<T>(work: () => Promise<T>, ...missing: [] | [T]): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const [value] = missing
    if (missing.length === 1 && isMissing(error)) return value as T
    if (error instanceof RangeError) throw error
    const code = systemCodeOf(error)
    throw new AppError('STORAGE_UNAVAILABLE', `The media store on the disk failed (${code}).`, {
      cause: error,
      details: { system_code: code },
    })
  }
}
