// A file of the store as a file of this machine, as programs need it.
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import { expectRoom } from '../disk-room.ts'

export interface CopyOut {
  readonly key: string
  readonly target: string
  readonly signal: AbortSignal
}

/** @throws AppError `STORAGE_UNAVAILABLE`, `NOT_FOUND` */
export async function copyOut(
  store: Pick<MediaStore, 'open'>,
  { key, target, signal }: CopyOut,
): Promise<void> {
  const opened = await store.open(key)
  if (!opened) throw new AppError('NOT_FOUND', 'The file is no longer in the media store.')
  try {
    await expectRoom(dirname(target), opened.totalBytes)
    await pipeline(opened.stream, createWriteStream(target, { mode: 0o600 }), { signal })
  } catch (error) {
    opened.stream.destroy()
    await rm(target, { force: true })
    signal.throwIfAborted()
    throw error instanceof AppError
      ? error
      : new AppError('STORAGE_UNAVAILABLE', 'The file could not be copied.', { cause: error })
  }
}
