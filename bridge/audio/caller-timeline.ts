// Keeps the caller's audio continuous for the agent, which hears time only in samples. What got lost is concealed, what
// was never sent is silence (or the noise the sender asked for), and when nothing arrives at all both are made in real
// time. More audio than time has passed for is not heard: nobody speaks faster than real time, so it was injected.
import { FRAME_BYTES, FRAME_MS, SAMPLES_PER_MS, type TelephoneCodec } from '#core/contracts'
import { ComfortNoise } from './comfort-noise.ts'
import { Concealer } from './concealer.ts'
import { silentFrame } from './silence.ts'

/** How long after the last packet's own length nothing may come before audio is made: jitter of 40 ms and a tick. */
const MAKE_AFTER_MS = 60
/** What is made up fades out within this (G.711 appendix I): then there is nothing left to repeat. */
const MAX_CONCEALED_SAMPLES = 60 * SAMPLES_PER_MS
/** How far behind and ahead of the wall clock the agent's timeline may be thought to be: bounds clock skew. */
const MAX_BEHIND_MS = 60
const MAX_AHEAD_MS = 200
/** Pauses are filled up to the wall clock, and jitter beyond it: timestamps that leap make no minutes of silence. */
const MAX_PAUSE_AHEAD_MS = 60
/** Audio that may come at once: what a network that stood still for a second lets go, and jitter. */
const MAX_BURST_MS = 1200
/** A sender's clock may run this much faster than ours. */
const MAX_CLOCK_RATIO = 1.01

/** The next audio in order. */
export interface TimelinePiece {
  readonly line: Uint8Array
  /** What is missing before it by its timestamp. */
  readonly missingSamples: number
  /** How much of that got lost on the way; the rest was never sent. */
  readonly lostSamples: number
}

export class CallerTimeline {
  readonly #deliver: (line: Uint8Array, codec: TelephoneCodec) => void
  #codec: TelephoneCodec
  #concealer: Concealer
  #noise: ComfortNoise | null = null
  #noiseLevel = 0
  /** The caller says nothing, and asked for noise meanwhile. */
  #isNoisy = false
  /** Wall time up to which the agent has been given audio. */
  #fedUntilMs: number
  #makeFromMs: number
  /** Samples made since the last packet: part of the hole its timestamp will show. */
  #madeSamples = 0
  /** How much may be made up before silence follows; nothing before anything was heard, or in a pause. */
  #concealable = 0
  #hasHistory = false
  #filledSamples = 0
  #concealedSamples = 0
  /** How much of the caller may be passed on now: it grows with time, and audio and filled holes use it up. */
  #roomMs = MAX_BURST_MS
  #roomAtMs: number
  #droppedMs = 0

  constructor(
    nowMs: number,
    codec: TelephoneCodec,
    deliver: (line: Uint8Array, codec: TelephoneCodec) => void,
  ) {
    this.#deliver = deliver
    this.#codec = codec
    this.#concealer = new Concealer(codec)
    this.#fedUntilMs = nowMs
    this.#roomAtMs = nowMs
    this.#makeFromMs = nowMs + FRAME_MS + MAKE_AFTER_MS
  }

  /** Samples put in, for whatever reason. */
  get filledSamples(): number {
    return this.#filledSamples
  }

  /** Of these, made up from what was heard before. */
  get concealedMs(): number {
    return this.#concealedSamples / SAMPLES_PER_MS
  }

  /** Audio dropped because it came faster than time passes. */
  get droppedMs(): number {
    return this.#droppedMs
  }

  /** The line speaks another law from now on; what was heard in the former one is not repeated. */
  changeCodec(codec: TelephoneCodec): void {
    this.#codec = codec
    this.#concealer = new Concealer(codec)
    this.#concealable = 0
    this.#hasHistory = false
    this.#noise = null
    if (this.#isNoisy) this.#makeNoise()
  }

  /** False when the audio came too fast, and was dropped. */
  write({ line, missingSamples, lostSamples }: TimelinePiece, nowMs: number): boolean {
    const lengthMs = line.length / SAMPLES_PER_MS
    if (!this.#hasRoom(lengthMs, nowMs)) {
      this.#droppedMs += lengthMs
      return false
    }
    if (missingSamples > this.#madeSamples)
      this.#fillHole(missingSamples - this.#madeSamples, lostSamples, nowMs)
    this.#madeSamples = 0
    this.#isNoisy = false
    this.#deliver(this.#concealer.heard(line), this.#codec)
    this.#hasHistory = true
    this.#concealable = MAX_CONCEALED_SAMPLES
    this.#advance(lengthMs, nowMs)
    this.#makeFromMs = nowMs + lengthMs + MAKE_AFTER_MS
    return true
  }

  /** The sender says so: nothing follows for a while. Silence is made from now on, not something made up. */
  pause(nowMs: number): void {
    this.#concealable = 0
    this.#makeFromMs = Math.min(this.#makeFromMs, nowMs)
  }

  /** As `pause`, with noise of this level instead of silence (RFC 3389). */
  comfort(minusDbov: number, nowMs: number): void {
    this.pause(nowMs)
    this.#isNoisy = true
    this.#noiseLevel = minusDbov
    this.#makeNoise()
  }

  /** Called each frame. */
  tick(nowMs: number): void {
    if (nowMs < this.#makeFromMs) return
    while (this.#fedUntilMs <= nowMs - FRAME_MS) {
      this.#madeSamples += FRAME_BYTES
      this.#fill(FRAME_BYTES)
    }
  }

  /** Somebody needs audio now, and none is there: made up like any other hole, and part of it. */
  makeUp(samples: number): void {
    this.#madeSamples += samples
    this.#fill(samples)
  }

  #makeNoise(): void {
    this.#noise ??= new ComfortNoise(this.#codec)
    this.#noise.setLevel(this.#noiseLevel)
  }

  #hasRoom(lengthMs: number, nowMs: number): boolean {
    const grownMs = Math.max(0, nowMs - this.#roomAtMs) * MAX_CLOCK_RATIO
    this.#roomAtMs = Math.max(nowMs, this.#roomAtMs)
    this.#roomMs = Math.min(MAX_BURST_MS, this.#roomMs + grownMs)
    if (lengthMs > this.#roomMs) return false
    this.#roomMs -= lengthMs
    return true
  }

  /** Timestamps are the sender's word: they make no more than there is room for, and no pause longer than time. */
  #fillHole(missingSamples: number, lostSamples: number, nowMs: number): void {
    this.#concealable = Math.min(this.#concealable, lostSamples)
    const pauseMs = Math.max(0, nowMs + MAX_PAUSE_AHEAD_MS - this.#fedUntilMs)
    const reasonable = Math.max(this.#concealable, Math.floor(pauseMs * SAMPLES_PER_MS))
    const room = Math.floor(this.#roomMs * SAMPLES_PER_MS)
    const samples = Math.min(missingSamples, reasonable, room)
    if (samples <= 0) return
    this.#roomMs -= samples / SAMPLES_PER_MS
    this.#fill(samples)
  }

  #fill(samples: number): void {
    this.#filledSamples += samples
    this.#fedUntilMs += samples / SAMPLES_PER_MS
    for (let left = samples; left > 0;) {
      const piece = this.#make(Math.min(left, FRAME_BYTES))
      left -= piece.length
      this.#deliver(piece, this.#codec)
    }
  }

  #make(samples: number): Uint8Array {
    if (this.#concealable > 0) {
      const made = this.#concealer.conceal(Math.min(samples, this.#concealable))
      this.#concealable -= made.length
      this.#concealedSamples += made.length
      return made
    }
    if (this.#hasHistory) this.#concealer.forget()
    this.#hasHistory = false
    if (this.#isNoisy && this.#noise !== null) return this.#noise.make(samples)
    const silence = silentFrame(this.#codec)
    return samples === silence.length ? silence : silence.subarray(0, samples)
  }

  #advance(lengthMs: number, nowMs: number): void {
    const fed = this.#fedUntilMs + lengthMs
    this.#fedUntilMs = Math.min(Math.max(fed, nowMs - MAX_BEHIND_MS), nowMs + MAX_AHEAD_MS)
  }
}
