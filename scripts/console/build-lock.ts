// One build at a time in a folder. The kernel drops the lock with its process, however that ends.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

/** Many times a build. */
const LOCK_TIMEOUT_MS = 180_000
const RETRY_MS = 100
const SQLITE_BUSY = 5

/** @returns what lets the next one in */
export async function lockBuild(dist: string): Promise<() => void> {
  mkdirSync(dist, { recursive: true })
  const deadline = performance.now() + LOCK_TIMEOUT_MS
  for (;;) {
    // An exclusive transaction on an empty database, as DATA_DIR is locked (control-api/db/data-folder.ts).
    const lock = new DatabaseSync(join(dist, '.lock'), { timeout: 0 })
    try {
      lock.exec('BEGIN EXCLUSIVE')
      return () => {
        lock.close()
      }
    } catch (error) {
      lock.close()
      const isBusy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
      if (!isBusy || performance.now() > deadline) throw error
    }
    await sleep(RETRY_MS)
  }
}
