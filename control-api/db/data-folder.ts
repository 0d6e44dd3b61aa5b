// The data folder: made when it is missing, and held by one process alone. A second one would close the first one's
// live calls as crashed ones (calls/recovery.ts).
import { access, constants, mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError, systemCodeOf } from '#core/errors'
import { whyUnavailable } from './database-failure.ts'

/** Calls are personal data: the folder is its owner's alone. */
const MODE = 0o700
const SQLITE_BUSY = 5

export interface DataFolder {
  readonly path: string
  /** Lets another process have it. Idempotent. */
  release(): void
}

/** @throws AppError `CONFIGURATION_INVALID` naming DATA_DIR. */
export async function claimDataFolder(dataDir: string): Promise<DataFolder> {
  const path = resolve(dataDir)
  try {
    await makeFolder(path)
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    const code = systemCodeOf(error)
    const isFile = code === 'EEXIST' || code === 'ENOTDIR'
    const why = isFile
      ? 'it is a file, or in one'
      : `it cannot be made or written (${code ?? 'unknown reason'})`
    throw invalid(dataDir, why, error)
  }
  const lock = lockFolder(dataDir, path)
  return {
    path,
    release() {
      if (lock.isOpen) lock.close()
    },
  }
}

/** Folder by folder: `mkdir` with `recursive` never returns where the system says ENOENT for ever, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  const missing = await makeOne(path)
  if (!missing) return
  await makeFolder(dirname(path))
  const still = await makeOne(path)
  if (still) throw still
}

/** The error when the folder it should stand in is missing, undefined when it is there. */
async function makeOne(path: string): Promise<Error | undefined> {
  try {
    await mkdir(path, { mode: MODE })
    return undefined
  } catch (error) {
    const isMissing = systemCodeOf(error) === 'ENOENT' && dirname(path) !== path
    if (isMissing && error instanceof Error) return error
    // EISDIR and EROFS: what some systems say of a folder that is there.
    if (await isFolder(path)) return undefined
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false // Whoever asked throws the error that made it ask.
  }
}

/**
 * An exclusive transaction on an empty database of its own, held for life. The kernel drops it with the process,
 * however that ends, so there is no stale pid to judge; the real database stays open to backups.
 */
function lockFolder(dataDir: string, path: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(path, 'voicegate.lock'), { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    const resultCode = error instanceof Error && 'errcode' in error ? error.errcode : undefined
    throw invalid(dataDir, whyNotLocked(resultCode), error)
  }
}

function whyNotLocked(resultCode: unknown): string {
  if (resultCode === SQLITE_BUSY)
    return 'another voicegate is running on it; each needs a folder of its own'
  const why = typeof resultCode === 'number' ? whyUnavailable(resultCode) : undefined
  return `its lock file cannot be made or opened (${why ?? 'unknown reason'})`
}

const invalid = (dataDir: string, why: string, cause: unknown): AppError =>
  new AppError('CONFIGURATION_INVALID', `DATA_DIR ${dataDir}: ${why}.`, { cause })
