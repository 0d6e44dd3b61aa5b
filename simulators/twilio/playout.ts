// What our side sent for the caller, played in real time: audio in order, marks where they stand in it.
import { FRAME_BYTES, FRAME_MS, ULAW_SILENCE, type EpochMs } from '#core/contracts'
import type { MarkRecord } from './records.ts'

const SILENCE = Buffer.alloc(FRAME_BYTES, ULAW_SILENCE)
const BYTES_PER_MS = FRAME_BYTES / FRAME_MS
/** Ten minutes: what is heard after them is not kept. */
const MOST_FRAMES = (10 * 60 * 1000) / FRAME_MS

type Queued = { readonly audio: Buffer; at: number } | { readonly mark: MarkRecord }

export class Playout {
  readonly marks: MarkRecord[] = []
  readonly clears: { at: EpochMs; droppedMs: number }[] = []
  readonly frames: Buffer[] = []
  readonly #now: () => EpochMs
  readonly #echo: (name: string) => void
  #queue: Queued[] = []
  #bufferedBytes = 0

  /** @param echo a mark is told back */
  constructor(now: () => EpochMs, echo: (name: string) => void) {
    this.#now = now
    this.#echo = echo
  }

  get bufferedMs(): number {
    return this.#bufferedBytes / BYTES_PER_MS
  }

  get heard(): Buffer {
    return Buffer.concat(this.frames)
  }

  add(audio: Buffer): void {
    this.#queue.push({ audio, at: 0 })
    this.#bufferedBytes += audio.length
  }

  mark(name: string): void {
    const mark: MarkRecord = { name, at: this.#now(), echoedAt: null, cleared: false }
    this.marks.push(mark)
    this.#queue.push({ mark })
    this.#echoReached()
  }

  clear(): void {
    this.clears.push({ at: this.#now(), droppedMs: this.bufferedMs })
    const marks = this.#queue.flatMap((queued) => ('mark' in queued ? [queued.mark] : []))
    this.#queue = []
    this.#bufferedBytes = 0
    for (const mark of marks) {
      mark.cleared = true
      this.#told(mark)
    }
  }

  /** One frame's time has passed. */
  play(): void {
    const frame = this.#bufferedBytes === 0 ? SILENCE : this.#take()
    if (this.frames.length < MOST_FRAMES) this.frames.push(frame)
    this.#echoReached()
  }

  #take(): Buffer {
    const frame = Buffer.from(SILENCE)
    let filled = 0
    while (filled < FRAME_BYTES) {
      const [next] = this.#queue
      if (next === undefined) break
      if ('mark' in next) {
        this.#queue.shift()
        this.#told(next.mark)
        continue
      }
      const copied = next.audio.copy(frame, filled, next.at)
      next.at += copied
      filled += copied
      if (next.at === next.audio.length) this.#queue.shift()
    }
    this.#bufferedBytes -= filled
    return frame
  }

  #echoReached(): void {
    for (;;) {
      const [next] = this.#queue
      if (next === undefined || !('mark' in next)) return
      this.#queue.shift()
      this.#told(next.mark)
    }
  }

  #told(mark: MarkRecord): void {
    mark.echoedAt = this.#now()
    this.#echo(mark.name)
  }
}
