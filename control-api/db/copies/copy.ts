// One consistent copy of a database that may be in use: SQLite's own backup in a single step, which holds up no writer
// and sees nothing that comes after its beginning.
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { messageOf } from '#core/errors'
import { openUnchanged, wrong } from './sqlite-file.ts'

/** All pages at once: step by step it would begin anew with every write of a voicegate that runs. */
const ALL_PAGES = 2_147_483_647
const FILE_MODE = 0o600
const TELL_EVERY_MS = 1000

/** From 0 to 1. */
export type OnProgress = (done: number) => void

export interface CopyOptions {
  readonly from: string
  readonly to: string
  /** Somebody may write to it meanwhile. */
  readonly inUse: boolean
  readonly onProgress: OnProgress
}

/** On the disk when it resolves; what was there before is gone. @throws AppError `CONFIGURATION_INVALID`. */
export async function copyDatabase({ from, to, inUse, onProgress }: CopyOptions): Promise<void> {
  removeFile(to)
  const source = inUse ? new DatabaseSync(from, { timeout: 5000 }) : openUnchanged(from)
  const whole = Math.max(1, statSync(from).size)
  const teller = setInterval(() => {
    const size = existsSync(to) ? statSync(to).size : 0
    onProgress(Math.min(1, size / whole))
  }, TELL_EVERY_MS)
  try {
    // Its owner's alone from its first byte on: calls are personal data.
    closeSync(openSync(to, 'wx', FILE_MODE))
    chmodSync(to, FILE_MODE)
    await backup(source, to, { rate: ALL_PAGES })
    toDisk(to)
    toDisk(dirname(to))
  } catch (error) {
    removeFile(to)
    throw wrong(to, `it could not be written: ${messageOf(error)}`, error)
  } finally {
    clearInterval(teller)
    source.close()
  }
}

export function removeFile(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`])
    rmSync(file, { force: true })
}

export function toDisk(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
