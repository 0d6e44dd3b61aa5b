// Standard output, written at once, so that `process.exit` loses no line. What cannot be written is dropped: the terminal
// may be gone, the disk full, the reader asleep, and a call matters more than its log.
import { writeSync } from 'node:fs'

/** A reader that is busy for so long may be asleep; calls wait as long as we do. */
const PATIENCE_MS = 200
const RETRY_MS = 5
const STDOUT = 1

interface StandardOutput {
  /** Whole lines. */
  write(text: string): void
}

/** @param write one try: how much was taken; tests bring one that fails */
export function openStandardOutput(
  write: (bytes: Buffer) => number = (bytes) => writeSync(STDOUT, bytes),
): StandardOutput {
  let lost = 0
  let isTorn = false
  /** How much of it was taken. */
  const take = (bytes: Buffer): number => {
    // Once is enough to find out that nobody reads.
    const giveUpAtMs = performance.now() + (lost > 0 ? 0 : PATIENCE_MS)
    let taken = 0
    while (taken < bytes.length) {
      try {
        taken += write(bytes.subarray(taken))
      } catch (error) {
        if (!isFull(error) || performance.now() >= giveUpAtMs) return taken
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      }
    }
    return taken
  }
  return {
    write(text) {
      const bytes = Buffer.from((isTorn ? '\n' : '') + (lost > 0 ? lossLine(lost) : '') + text)
      const taken = take(bytes)
      if (taken > 0) isTorn = taken < bytes.length
      lost = taken < bytes.length ? lost + 1 : 0
    },
  }
}

const lossLine = (lines: number): string =>
  `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lines, msg: 'log lines were lost' })}\n`

/** A pipe whose reader is slower than we are. */
const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAGAIN'
