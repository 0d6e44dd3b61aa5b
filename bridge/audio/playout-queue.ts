// Agent audio on its way to the caller: it arrives faster than real time and leaves 20 ms at a time. A ring that
// grows with what it holds, so that a silent call costs almost nothing.
import { FRAME_BYTES, FRAME_MS, TELEPHONE_RATE, ULAW_SILENCE } from '#core/contracts'

const BYTES_PER_MS = TELEPHONE_RATE / 1000
/** 2 s. The first answers of most calls fit after one or two doublings. */
const INITIAL_BYTES = 2000 * BYTES_PER_MS
/** 5 min (facts: hold at least 60 s; never stop reading the socket). Beyond it the newest audio is dropped. */
const MAX_BYTES = 300_000 * BYTES_PER_MS
/** Held before an utterance starts: agent chunks come in bursts, so two frames bridge the gap between them. */
export const PREBUFFER_MS = 40
const PREBUFFER_BYTES = PREBUFFER_MS * BYTES_PER_MS
/** The same answer going on within this after it ran dry is an underrun; later it is a pause (a tool call). */
const UNDERRUN_WITHIN_MS = 1000

type PlayoutState =
  | { readonly kind: 'idle' }
  /** Waiting for the prebuffer, or for the end of its time: the utterance may be shorter. */
  | { readonly kind: 'filling'; readonly sinceMs: number }
  | { readonly kind: 'playing' }

const IDLE: PlayoutState = { kind: 'idle' }
const PLAYING: PlayoutState = { kind: 'playing' }

export class PlayoutQueue {
  #ring = new Uint8Array(INITIAL_BYTES)
  #head = 0
  #held = 0
  #state: PlayoutState = IDLE
  #utterance = -1
  #dryAtMs = Number.NEGATIVE_INFINITY
  #underruns = 0
  #droppedBytes = 0

  get heldMs(): number {
    return this.#held / BYTES_PER_MS
  }

  get isEmpty(): boolean {
    return this.#held === 0
  }

  get isPlaying(): boolean {
    return this.#state.kind === 'playing'
  }

  /** Times audio ran dry inside an utterance. */
  get underruns(): number {
    return this.#underruns
  }

  /** Audio dropped because five minutes were held already. */
  get droppedMs(): number {
    return this.#droppedBytes / BYTES_PER_MS
  }

  /** `utterance` is the agent's event id. True when the wait for a first frame begins with this audio. */
  write(audio: Uint8Array, utterance: number, nowMs: number): boolean {
    const room = MAX_BYTES - this.#held
    const taken = audio.length > room ? audio.subarray(0, room) : audio
    this.#droppedBytes += audio.length - taken.length
    if (taken.length === 0) return false
    this.#append(taken)
    const begins = this.#state.kind === 'idle'
    if (begins) {
      if (utterance === this.#utterance && nowMs - this.#dryAtMs < UNDERRUN_WITHIN_MS)
        this.#underruns += 1
      this.#state = { kind: 'filling', sinceMs: nowMs }
    }
    this.#utterance = utterance
    return begins
  }

  /** True once an utterance may start: enough is held, or no more came in the time that would have taken. */
  mayStart(nowMs: number): boolean {
    if (this.#state.kind !== 'filling') return false
    return this.#held >= PREBUFFER_BYTES || nowMs - this.#state.sinceMs >= PREBUFFER_MS
  }

  start(): void {
    if (this.#state.kind === 'filling') this.#state = PLAYING
  }

  /** Fills one frame of `target` from `offset` on: with audio while playing, with silence otherwise. */
  readFrame(target: Uint8Array, offset: number, nowMs: number): void {
    const end = offset + FRAME_BYTES
    const bytes = this.#state.kind === 'playing' ? Math.min(FRAME_BYTES, this.#held) : 0
    this.#take(target, offset, bytes)
    if (bytes < FRAME_BYTES) target.fill(ULAW_SILENCE, offset + bytes, end)
    if (this.#held > 0 || this.#state.kind !== 'playing') return
    this.#state = IDLE
    this.#dryAtMs = nowMs + FRAME_MS
    this.#shrink()
  }

  /** Forgets everything held (the caller interrupted); returns how much that was. */
  clear(): number {
    const discardedMs = this.heldMs
    this.#head = 0
    this.#held = 0
    this.#state = IDLE
    this.#utterance = -1
    this.#shrink()
    return discardedMs
  }

  #append(audio: Uint8Array): void {
    if (this.#held + audio.length > this.#ring.length) this.#grow(this.#held + audio.length)
    const size = this.#ring.length
    const tail = (this.#head + this.#held) % size
    const first = Math.min(audio.length, size - tail)
    this.#ring.set(first === audio.length ? audio : audio.subarray(0, first), tail)
    if (first < audio.length) this.#ring.set(audio.subarray(first), 0)
    this.#held += audio.length
  }

  #take(target: Uint8Array, offset: number, bytes: number): void {
    const ring = this.#ring
    const size = ring.length
    let from = this.#head
    // A loop of 160 steps costs less here than two views and two calls.
    for (let at = offset; at < offset + bytes; at += 1) {
      target[at] = ring[from] ?? ULAW_SILENCE
      from += 1
      if (from === size) from = 0
    }
    this.#head = from
    this.#held -= bytes
  }

  #grow(needed: number): void {
    let size = this.#ring.length
    while (size < needed) size *= 2
    const ring = new Uint8Array(Math.min(size, MAX_BYTES))
    const first = Math.min(this.#held, this.#ring.length - this.#head)
    ring.set(this.#ring.subarray(this.#head, this.#head + first), 0)
    ring.set(this.#ring.subarray(0, this.#held - first), first)
    this.#ring = ring
    this.#head = 0
  }

  /** A long answer must not keep its memory for the rest of the call. */
  #shrink(): void {
    if (this.#ring.length > INITIAL_BYTES * 4) this.#ring = new Uint8Array(INITIAL_BYTES)
    this.#head = 0
  }
}
