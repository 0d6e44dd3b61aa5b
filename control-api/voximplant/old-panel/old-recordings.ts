// Recordings that the old panel kept as files of its own machine, copied into our store.
import { randomUUID } from 'node:crypto'
import { copyFile, lstat, mkdir, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { CallId, MediaStore, StoredMedia } from '#core/contracts'
import { openDiskStore } from '../../storage/disk-store.ts'
import { readMp3Duration } from '../media/mp3-duration.ts'

export type OldRecording = StoredMedia & {
  /** Undefined of what does not say. */
  readonly durationMs: number | undefined
}

export interface OldRecordings {
  /** Undefined: the file is not there, or is no sound. @throws AppError `STORAGE_UNAVAILABLE` */
  keep(callId: CallId, recording: string): Promise<OldRecording | undefined>
  has(recording: string): Promise<boolean>
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
}

/** @param folder the old panel's; what it holds stays */
export function openOldRecordings(
  folder: string,
  target: () => Promise<RecordingTarget>,
): OldRecordings {
  const opened = once(target)
  // Its URLs are paths of its web server; nothing but the last part is believed.
  const pathOf = (recording: string): string => join(folder, basename(recording))
  const has = async (recording: string): Promise<boolean> => {
    if (CONTENT_TYPES[extname(recording).toLowerCase()] === undefined) return false
    // A link may lead to any file of the machine.
    const found = await lstat(pathOf(recording)).catch(() => undefined)
    return found?.isFile() === true && found.size > 0
  }
  return {
    has,
    async keep(callId, recording) {
      if (!(await has(recording))) return undefined
      const extension = extname(recording).toLowerCase()
      const { store, incoming } = await opened()
      // The store takes over what it is given.
      const copy = join(incoming, `${randomUUID()}${extension}`)
      try {
        await copyFile(pathOf(recording), copy)
        const type = CONTENT_TYPES[extension] ?? ''
        const durationMs = extension === '.mp3' ? await readMp3Duration(copy) : undefined
        const stored = await store.putFile(`recordings/${callId}${extension}`, copy, type)
        return { ...stored, durationMs }
      } finally {
        await rm(copy, { force: true })
      }
    },
  }
}

export interface RecordingTarget {
  readonly store: MediaStore
  /** For what is on its way; what a crash left there is deleted by whoever opens it next. */
  readonly incoming: string
}

/** Of a data folder that this process has claimed. */
export async function openRecordingTarget(dataDir: string): Promise<RecordingTarget> {
  const incoming = join(dataDir, 'incoming-panel')
  await rm(incoming, { recursive: true, force: true })
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  return { store: await openDiskStore(join(dataDir, 'media')), incoming }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
