// Where recordings lie from their first second until the store has them: one file a call. What is there when the
// process starts was left by a crash, or by a store that was out of reach, and is mended.
import { chmod, mkdir, open, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeCallId, type CallId } from '#core/contracts'
import { systemCodeOf } from '#core/errors'
import type { RecordedFile } from './recorder.ts'
import {
  BYTES_PER_SAMPLE_PAIR,
  durationMsOf,
  MAX_WAV_BYTES,
  WAV_HEADER_BYTES,
  wavHeader,
} from './wav-format.ts'

/** Recordings are personal data: the folder is its owner's alone. */
const MODE = 0o700
const EXTENSION = '.wav'

export interface SpooledRecording {
  readonly callId: CallId
  readonly path: string
}

/** Where the recording of this call is written. */
export const spoolPath = (folder: string, callId: CallId): string =>
  join(folder, callId + EXTENSION)

/** Makes the folder when it is missing; whatever its mode was, it is its owner's alone from now on. */
export async function makeSpool(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: MODE })
  await chmod(folder, MODE)
}

/** What is in it now, the oldest call first; nothing when there is no such folder. Asked before any call is taken. */
export async function leftOver(folder: string): Promise<readonly SpooledRecording[]> {
  const names = await namesIn(folder)
  const callIds = names.flatMap((name) => callIdIn(name) ?? [])
  return callIds.sort().map((callId) => ({ callId, path: spoolPath(folder, callId) }))
}

/**
 * Makes the head of a file true by its real size, when its writer died: after SIGKILL the file lacks its last two
 * seconds at most, after a power failure its head may tell of more than the disk ever got. Null when there is no audio
 * in it, or no such file: then there is none afterwards. Throws what the system throws; the file is then as it was.
 */
export async function repairWav(path: string): Promise<RecordedFile | null> {
  try {
    const dataBytes = await mend(path)
    if (dataBytes > 0)
      return { path, durationMs: durationMsOf(dataBytes), bytes: WAV_HEADER_BYTES + dataBytes }
    await unlink(path)
    return null
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

async function mend(path: string): Promise<number> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const room = Math.min(size, MAX_WAV_BYTES) - WAV_HEADER_BYTES
    const dataBytes = Math.max(0, room - (room % BYTES_PER_SAMPLE_PAIR))
    if (dataBytes === 0) return 0
    await file.truncate(WAV_HEADER_BYTES + dataBytes)
    await file.write(wavHeader(dataBytes), 0, WAV_HEADER_BYTES, 0)
    await file.sync()
    return dataBytes
  } finally {
    await file.close()
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}

const callIdIn = (name: string): CallId | undefined =>
  name.endsWith(EXTENSION) ? decodeCallId(name.slice(0, -EXTENSION.length)) : undefined
