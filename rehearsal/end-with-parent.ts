// A rehearsal that a program started and follows ends with that program, however that ends: nobody is left to stop it.
import { fstatSync } from 'node:fs'

/** Longer than closing the stage takes; a process that hangs there is of no use to anybody. */
const CLOSE_WITHIN_MS = 15_000

/** @param stop told once, in words; the process is gone soon after, one way or another */
export function endWithParent(stop: (why: string) => void): void {
  let isStopping = false
  const end = (why: string): void => {
    if (isStopping) return
    isStopping = true
    stop(why)
    // Not `exit`: it waits for threads that are inside a system call.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_WITHIN_MS).unref()
  }
  // A write to a reader that is gone must not cut off the closing.
  process.stdout.on('error', () => end('nobody reads any more'))
  if (!isPipe(0)) return
  process.stdin.on('end', () => end('whoever started it is gone'))
  process.stdin.on('error', () => end('whoever started it is gone'))
  process.stdin.resume().unref()
}

/** Not a terminal, and not the empty input of a service: nobody is at the other end of those. */
function isPipe(descriptor: number): boolean {
  const kind = fstatSync(descriptor)
  return kind.isFIFO() || kind.isSocket()
}
