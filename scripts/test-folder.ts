// Where the tests put their files.
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
/** Videos, databases and recordings of all that runs at a time are well below. */
const ROOM_BYTES = 4 * 1024 ** 3

/**
 * A folder for all that this process starts, gone with it; in memory where there is room, as each database waits for the
 * disk, and no test for a power cut.
 */
export function useTestFolder(): void {
  const folder = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'voicegate-test-'))
  // PostgreSQL does not run as root: its user must be able to go through, not to look.
  chmodSync(folder, 0o711)
  process.env['TMPDIR'] = folder
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
}

function hasRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize >= ROOM_BYTES
  } catch {
    // No such folder: not a Linux.
    return false
  }
}
