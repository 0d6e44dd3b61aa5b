// Standard output, written at once, so that `process.exit` loses no line. What cannot be written is dropped: the terminal
// may be gone, the disk full, the reader asleep, and a call matters more than its log.
import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { systemCodeOf } from '../errors/index.ts'

/** A reader that is busy for so long may be asleep; calls wait as long as we do. */
const PATIENCE_MS = 200
/** Of the time, when a reader is always slower than we are: calls must not go at its pace. */
const PATIENCE_SHARE = 0.1
const RETRY_MS = 5
const STDOUT = 1

interface StandardOutput {
  /** Whole lines. */
  write(text: string): void
}

/** @param write one try: how much was taken; tests bring one that fails */
export function openStandardOutput(
  write: (bytes: Buffer) => number = writerTo(withoutWaiting()),
): StandardOutput {
  let lost = 0
  let isTorn = false
  let patienceMs = PATIENCE_MS
  let earnedAtMs = performance.now()
  const mayWait = (): boolean => {
    const nowMs = performance.now()
    patienceMs = Math.min(PATIENCE_MS, patienceMs + (nowMs - earnedAtMs) * PATIENCE_SHARE)
    earnedAtMs = nowMs
    // Once is enough to find out that nobody reads.
    return lost === 0 && patienceMs > 0
  }
  /** How much of it was taken. */
  const take = (bytes: Buffer): number => {
    let taken = 0
    while (taken < bytes.length) {
      try {
        taken += write(bytes.subarray(taken))
      } catch (error) {
        if (!isFull(error) || !mayWait()) return taken
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
        patienceMs -= performance.now() - earnedAtMs
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

const writerTo = (fd: number) => (bytes: Buffer) => writeSync(fd, bytes)

/**
 * A pipe or a terminal whose reader sleeps (a pager, Ctrl-S) would hold us in `write` for as long. It is opened once more,
 * because how one writes to it is shared with every other program that has it.
 */
function withoutWaiting(): number {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
  try {
    const canBlock = fstatSync(STDOUT).isFIFO() || isatty(STDOUT)
    return canBlock ? openSync(`/proc/self/fd/${STDOUT}`, O_WRONLY | O_NONBLOCK | O_NOCTTY) : STDOUT
  } catch {
    return STDOUT // Nobody reads, or the system has no such way to it.
  }
}

const lossLine = (lines: number): string =>
  `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lines, msg: 'log lines were lost' })}\n`

/** A pipe whose reader is slower than we are. */
const isFull = (error: unknown): boolean => systemCodeOf(error) === 'EAGAIN'
