// MediaStore on the disk of this machine: a key is a path below one folder, fanned out.
import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { open, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  epochMs,
  type ByteRange,
  type MediaEntry,
  type MediaStore,
  type OpenedMedia,
  type StoredMedia,
} from '#core/contracts'
import { AppError, systemCodeOf } from '#core/errors'
import { keyOf, pathsBelow, pathsOf } from './disk-paths.ts'
import { isMissing, linkOrCopy, makeFolder, sha256Of, syncToDisk } from './durable-file.ts'
import { contentTypeOf } from './media-key.ts'

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
    const { fanned: target, flat } = pathsOf(this.#folder, key)
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
      await unlinkDurably(flat)
      const { size } = await stat(target)
      // Only now: until here a failure leaves the file where it was.
      await unlink(path)
      return { key, bytes: size, sha256, contentType }
    })
  }

  async open(key: string, range?: ByteRange): Promise<OpenedMedia | undefined> {
    const { fanned, flat } = pathsOf(this.#folder, key)
    const contentType = contentTypeOf(key)
    const openAt = (path: string) => guarded(() => openFile(path, contentType, range), undefined)
    return (await openAt(fanned)) ?? openAt(flat)
  }

  async size(key: string): Promise<number | undefined> {
    const { fanned, flat } = pathsOf(this.#folder, key)
    return (await statOf(fanned))?.size ?? (await statOf(flat))?.size
  }

  /** Nobody reaches our disk but through us. */
  link(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  async *entries(prefix: string): AsyncGenerator<MediaEntry> {
    const paths = pathsBelow(this.#folder, prefix)
    // Not `for await`: what a step of it throws is told as all else is.
    for (;;) {
      const next = await guarded(() => paths.next())
      if (next.done === true) return
      const entry = await this.#entryAt(next.value)
      if (entry) yield entry
    }
  }

  /** Undefined when the file is gone meanwhile, or a crash left the older of two. */
  async #entryAt(path: string): Promise<MediaEntry | undefined> {
    const key = keyOf(path)
    const { fanned } = pathsOf(this.#folder, key)
    const whole = join(this.#folder, path)
    if (whole !== fanned && (await statOf(fanned))) return undefined
    const found = await statOf(whole)
    // Since it is here: its bytes may be older.
    return found && { key, bytes: found.size, changedAt: epochMs(Math.round(found.ctimeMs)) }
  }

  async delete(key: string): Promise<boolean> {
    const { fanned, flat } = pathsOf(this.#folder, key)
    return guarded(async () => {
      // Both: a crash between the two steps of a put leaves the older one, too.
      const wasFanned = await unlinkDurably(fanned)
      return (await unlinkDurably(flat)) || wasFanned
    })
  }
}

/** Undefined when there is no file there. */
async function statOf(path: string): Promise<Stats | undefined> {
  const found = await guarded(() => stat(path), undefined)
  return found?.isFile() === true ? found : undefined
}

/** False when there was no file there. */
async function unlinkDurably(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false
    await unlink(path)
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
  await syncToDisk(dirname(path))
  return true
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
    const code = systemCodeOf(error) ?? 'unknown reason'
    throw new AppError('STORAGE_UNAVAILABLE', `The media store on the disk failed (${code}).`, {
      cause: error,
      details: { system_code: code },
    })
  }
}
