// What one caller hears of another as it is said: the other's audio, G.711 in this caller's codec, from its arrival to
// the next frame that leaves. The way between is kept short by live-pace.ts, and never dry: what is not there when it is
// due is asked for, and made up by whom it comes from.
import { FRAME_BYTES, FRAME_MS, SAMPLES_PER_MS, type TelephoneCodec } from '#core/contracts'
import { ByteRing } from './byte-ring.ts'
import { g711, LINEAR_ZERO, translate } from './g711.ts'
import { isLoud } from './level.ts'
import { LivePace, LONGEST_FRAME, SHORTEST_FRAME } from './live-pace.ts'
import { silentFrame } from './silence.ts'

/** Where a stretch of speech begins. */
const FIRST_WAIT_MS = 30
/** A network that stood still lets go of what is stale: beyond this the oldest is dropped, at once. */
const MAX_WAIT_MS = 160
/** More than that and one packet of the longest kind (200 ms). */
const MAX_HELD = 4000
/** After so many frames in a row that nobody said, what was made up has faded out (caller-timeline.ts). */
const PAUSE_FRAMES = 4

/** Where the audio comes from: the other caller's uplink. Both may write to the line before they return. */
export interface LiveSource {
  /** Hands over what only waits for a packet it overtook. */
  release(): void
  /** Makes up so many samples: loss, or a pause. */
  makeUp(samples: number): void
}

export class LiveLine {
  readonly pace = new LivePace()
  readonly #source: LiveSource
  readonly #ring = new ByteRing(MAX_HELD)
  readonly #scratch = new Uint8Array(LONGEST_FRAME)
  readonly #translated = new Uint8Array(MAX_HELD)
  #codec: TelephoneCodec
  #readAtMs = Number.NEGATIVE_INFINITY
  #isAsking = false
  #hasEnded = false
  /** Frames in a row of which nothing was said; from the beginning on there was nothing. */
  #unsaidFrames = PAUSE_FRAMES
  #wasWritten = false
  /** What comes next is of a time that has passed already. */
  #goneSamples = 0
  #droppedSamples = 0

  constructor(source: LiveSource, codec: TelephoneCodec) {
    this.#source = source
    this.#codec = codec
  }

  get heldMs(): number {
    return this.#ring.held / SAMPLES_PER_MS
  }

  /** Dropped because it was stale. */
  get droppedMs(): number {
    return this.#droppedSamples / SAMPLES_PER_MS
  }

  /** Nobody has said anything for a while, and nothing waits to be heard. */
  get isPausing(): boolean {
    return this.#unsaidFrames >= PAUSE_FRAMES && !this.#wasWritten
  }

  /** Nothing more will come, and all was heard. */
  get isOver(): boolean {
    return this.#hasEnded && this.#ring.held === 0
  }

  /** The listener's line speaks this from now on. */
  use(codec: TelephoneCodec): void {
    const table = translate(this.#codec, codec)
    this.#codec = codec
    if (table !== null) this.#ring.translate(table)
  }

  /** The next audio of the other caller. */
  write(line: Uint8Array, codec: TelephoneCodec, nowMs: number): void {
    if (this.#hasEnded) return
    if (!this.#isAsking) this.#arrived(nowMs)
    const gone = this.#isAsking ? 0 : Math.min(this.#goneSamples, line.length)
    this.#goneSamples -= gone
    this.#ring.append(this.#toLine(line, codec).subarray(gone, gone + this.#ring.room))
    this.#wasWritten ||= !this.#isAsking
  }

  /** What is on the way is heard, and then nothing. */
  end(): void {
    this.#hasEnded = true
  }

  /**
   * Fills one frame of `target`; `skipped` are those before it that never left. True when something was said lately, be
   * it silence.
   */
  readFrame(target: Uint8Array, offset: number, nowMs: number, skipped = 0): boolean {
    this.#readAtMs = nowMs
    this.#passOver(skipped)
    const wanted = this.pace.next(() => this.#dropQuietFrame())
    this.#obtain(Math.min(wanted, FRAME_BYTES), skipped)
    const taken = Math.min(wanted, this.#ring.held)
    if (taken < SHORTEST_FRAME) this.#takeRest(target, offset, taken)
    else if (taken === FRAME_BYTES) this.#ring.take(target, offset, FRAME_BYTES)
    else this.#takeAnew(target, offset, taken)
    this.#unsaidFrames = this.#wasWritten ? 0 : this.#unsaidFrames + 1
    this.#wasWritten = false
    return this.#unsaidFrames < PAUSE_FRAMES
  }

  /** How long what arrives now will wait, the frame that is due next included. */
  #waitMs(nowMs: number): number {
    return Math.max(0, this.#readAtMs + FRAME_MS - nowMs) + this.heldMs
  }

  #arrived(nowMs: number): void {
    if (this.#readAtMs < 0) {
      // Nobody listens yet: the newest is what the first frame begins with, wherever between now and then that is due.
      this.#drop(this.#ring.held)
      this.#begin(FRAME_MS / 2)
      return
    }
    const waitMs = this.#waitMs(nowMs)
    if (waitMs > MAX_WAIT_MS) {
      const stale = Math.min(msToSamples(waitMs - FIRST_WAIT_MS), this.#ring.held)
      this.#drop(stale)
      this.#droppedSamples += stale
      this.pace.forget()
    } else if (this.isPausing) {
      this.#begin(waitMs)
    }
    this.pace.arrived(this.#waitMs(nowMs))
  }

  /** Somebody begins to speak: there is nothing to be heard yet, so that a little silence is not heard either. */
  #begin(waitMs: number): void {
    this.pace.forget()
    for (let missing = msToSamples(FIRST_WAIT_MS - waitMs); missing > 0; missing -= FRAME_BYTES)
      this.#ring.append(silentFrame(this.#codec).subarray(0, Math.min(missing, FRAME_BYTES)))
  }

  #obtain(samples: number, skipped: number): void {
    if (this.#ring.held >= samples || this.#hasEnded) return
    this.#isAsking = true
    this.#source.release()
    const missing = Math.max(0, samples - this.#ring.held)
    if (missing > 0) this.#source.makeUp(missing)
    else this.#wasWritten = true
    this.#isAsking = false
    if (skipped > 0) this.#goneSamples += missing
  }

  /**
   * The thread stood still, and the listener heard nothing meanwhile: the time is over. What arrived in it still waits in
   * the kernel, and comes before the next frame.
   */
  #passOver(skipped: number): void {
    this.#goneSamples = skipped * FRAME_BYTES
    const held = Math.min(this.#goneSamples, this.#ring.held)
    this.#drop(held)
    this.#goneSamples -= held
    this.#droppedSamples += held
  }

  /** Where nobody speaks a whole frame is not missed. */
  #dropQuietFrame(): boolean {
    if (this.#ring.held < 2 * FRAME_BYTES) return false
    const frame = this.#scratch.subarray(0, FRAME_BYTES)
    this.#ring.peek(frame)
    if (isLoud(frame, this.#codec)) return false
    this.#drop(FRAME_BYTES)
    return true
  }

  #drop(samples: number): void {
    for (let left = samples; left > 0; left -= this.#scratch.length)
      this.#ring.take(this.#scratch, 0, Math.min(left, this.#scratch.length))
  }

  /** The other has gone: its last samples, and silence. */
  #takeRest(target: Uint8Array, offset: number, taken: number): void {
    this.#ring.take(target, offset, taken)
    target.fill(g711(this.#codec).silence, offset + taken, offset + FRAME_BYTES)
  }

  /** A few samples more or less, spread over the frame: lines between its samples are read at even steps. */
  #takeAnew(target: Uint8Array, offset: number, taken: number): void {
    const { decode, codes, silence } = g711(this.#codec)
    const from = this.#scratch
    this.#ring.take(from, 0, taken)
    const step = taken / FRAME_BYTES
    for (let at = 0; at < FRAME_BYTES; at += 1) {
      const place = at * step
      const left = Math.floor(place)
      const one = decode[from[left] ?? 0] ?? 0
      const next = decode[from[Math.min(left + 1, taken - 1)] ?? 0] ?? 0
      const sample = Math.round(one + (next - one) * (place - left))
      target[offset + at] = codes[sample + LINEAR_ZERO] ?? silence
    }
  }

  #toLine(line: Uint8Array, codec: TelephoneCodec): Uint8Array {
    const table = translate(codec, this.#codec)
    if (table === null) return line
    const translated = this.#translated.subarray(0, line.length)
    for (let at = 0; at < translated.length; at += 1) translated[at] = table[line[at] ?? 0] ?? 0
    return translated
  }
}

const msToSamples = (milliseconds: number): number => Math.round(milliseconds * SAMPLES_PER_MS)
