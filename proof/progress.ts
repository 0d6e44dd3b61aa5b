// How far a long run is: the rate, and the time left at this rate.

export interface Progress {
  /** So many of the whole are done; prints at most every few seconds, with what else there is to be told. */
  at(done: number, also?: () => string): void
  /** What is being done now. */
  say(text: string): void
}

const EVERY_MS = 5_000

export const SILENT: Progress = { at: () => undefined, say: () => undefined }

export function createProgress(
  name: string,
  total: number,
  write: (line: string) => void,
): Progress {
  // The rate since the last line: what came before, or is only waited for, says nothing about what is left.
  let last = { atMs: performance.now(), done: 0 }
  return {
    say: (text) => write(`… ${name}: ${text}\n`),
    at(done, also) {
      const atMs = performance.now()
      if (done < last.done) last = { atMs, done }
      if (atMs < last.atMs + EVERY_MS) return
      const perMs = (done - last.done) / (atMs - last.atMs)
      last = { atMs, done }
      const left = timeText(perMs > 0 ? (total - done) / perMs : Number.NaN)
      const rate = (perMs * 1000).toFixed(0)
      const more = also === undefined ? '' : `; ${also()}`
      write(`… ${name}: ${done} of ${total}, ${rate} a second, ${left} left${more}\n`)
    },
  }
}

export function timeText(ms: number): string {
  if (!Number.isFinite(ms)) return 'an unknown time'
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
