// Lost audio made up from what was heard (after ITU-T G.711 Appendix I): the last period of the voice again and again,
// fading to silence within 60 ms. Unlike the Appendix nothing is held back: what was heard is passed on at once.
import type { TelephoneCodec } from '#core/contracts'
import { g711, LINEAR_ZERO, type G711 } from './g711.ts'
import { findPeriod, LONGEST_PERIOD } from './pitch.ts'
import { silentFrame } from './silence.ts'

const MS = 8
/** A quarter of the longest period: the longest piece in which one repetition flows into the next. */
const LONGEST_SEAM = LONGEST_PERIOD / 4
/** Three periods and the seam before them. */
const HISTORY = 3 * LONGEST_PERIOD + LONGEST_SEAM
/** One period only for 10 ms, then two, then three: the same one for long sounds like a buzzer. */
const MORE_PERIODS_AFTER = 10 * MS
const MOST_PERIODS = 3
/** Full for 10 ms, then 20 % less each 10 ms. */
const FADE_FROM = 10 * MS
const FADE_SAMPLES = 50 * MS
const SILENT_FROM = FADE_FROM + FADE_SAMPLES
/**
 * What is made up flows into what is heard again for a quarter period, and longer after a longer loss. The Appendix goes
 * to 10 ms; 5 leave no click either and more of the voice (3 to 8 % less distortion, test/bridge/audio/concealment.test.ts).
 */
const BLEND_PER_SAMPLE = 0.4
const LONGEST_BLEND = 5 * MS

export class Concealer {
  readonly #law: G711
  /** The last line bytes passed on, made up ones included. */
  readonly #history: Uint8Array
  /** What is being made up; null while all is heard. */
  #hole: Hole | null = null
  /** The hole is over, and its sound flows into what is heard now. */
  #blend: { readonly length: number; at: number } | null = null

  constructor(codec: TelephoneCodec) {
    this.#law = g711(codec)
    this.#history = new Uint8Array(HISTORY).fill(this.#law.silence)
  }

  /**
   * The next good audio, in order. Returned as it is, or, after a concealment, a copy whose beginning is blended with
   * what was made up.
   */
  heard(line: Uint8Array): Uint8Array {
    const audio = this.#hole === null ? line : this.#blendInto(line, this.#hole)
    this.#remember(audio)
    return audio
  }

  /** The next `samples` made up from what was heard. */
  conceal(samples: number): Uint8Array {
    if (this.#blend !== null) this.#end()
    this.#hole ??= new Hole(this.#decodeHistory())
    const made = this.#hole.isSilent ? this.#silence(samples) : this.#makeUp(samples, this.#hole)
    this.#remember(made)
    return made
  }

  /** Silence or comfort noise was heard in between: there is nothing to repeat any more. */
  forget(): void {
    this.#end()
    this.#history.fill(this.#law.silence)
  }

  #end(): void {
    this.#hole = null
    this.#blend = null
  }

  #makeUp(samples: number, hole: Hole): Uint8Array {
    const made = new Uint8Array(samples)
    for (let at = 0; at < samples; at += 1) made[at] = this.#code(hole.next())
    return made
  }

  #silence(samples: number): Uint8Array {
    const frame = silentFrame(this.#law.codec)
    return samples <= frame.length
      ? frame.subarray(0, samples)
      : new Uint8Array(samples).fill(this.#law.silence)
  }

  #blendInto(line: Uint8Array, hole: Hole): Uint8Array {
    this.#blend ??= { length: hole.blendSamples, at: 0 }
    const blend = this.#blend
    const audio = Uint8Array.from(line)
    const end = Math.min(line.length, blend.length - blend.at)
    for (let at = 0; at < end; at += 1) {
      const share = (blend.at + at + 1) / (blend.length + 1)
      const heard = this.#law.decode[line[at] ?? 0] ?? 0
      audio[at] = this.#code(hole.next() * (1 - share) + heard * share)
    }
    blend.at += end
    if (blend.at >= blend.length) this.#end()
    return audio
  }

  /** Between two codes of the law, so never outside 16 bits but by a seam. */
  #code(value: number): number {
    const sample = Math.min(Math.max(Math.round(value), -32_768), 32_767)
    return this.#law.codes[sample + LINEAR_ZERO] ?? this.#law.silence
  }

  #remember(audio: Uint8Array): void {
    const history = this.#history
    if (audio.length >= HISTORY) {
      history.set(audio.subarray(audio.length - HISTORY))
      return
    }
    history.copyWithin(0, audio.length)
    history.set(audio, HISTORY - audio.length)
  }

  #decodeHistory(): Float64Array {
    return Float64Array.from(this.#history, (code) => this.#law.decode[code] ?? 0)
  }
}

/** One loss: what is repeated, and how far it has come. */
class Hole {
  readonly #heard: Float64Array
  readonly #period: number
  readonly #seam: number
  /** How far the first repetition begins from where the last sample was. */
  readonly #jump: number
  /** What is repeated now: one, two, three periods whose end flows into their beginning. */
  #loop: Float64Array
  #at = 0
  /** The loop before this one, which flows into it. */
  #before: Float64Array
  #beforeAt = 0
  #changedAt = Number.NEGATIVE_INFINITY
  #made = 0

  constructor(heard: Float64Array) {
    this.#heard = heard
    this.#period = findPeriod(heard)
    this.#seam = this.#period >> 2
    this.#loop = this.#makeLoop(1)
    this.#before = this.#loop
    const last = heard.length - 1
    this.#jump = (heard[last] ?? 0) - (heard[last - this.#period] ?? 0)
  }

  get isSilent(): boolean {
    return this.#made >= SILENT_FROM
  }

  get blendSamples(): number {
    const longer = Math.max(0, this.#made - MORE_PERIODS_AFTER) * BLEND_PER_SAMPLE
    return Math.min(LONGEST_BLEND, this.#seam + Math.round(longer))
  }

  next(): number {
    const made = this.#made
    const periods = 1 + made / MORE_PERIODS_AFTER
    if (Number.isInteger(periods) && periods > 1 && periods <= MOST_PERIODS) this.#repeat(periods)
    this.#made = made + 1
    const gain = made < FADE_FROM ? 1 : Math.max(0, 1 - (made - FADE_FROM) / FADE_SAMPLES)
    const value = this.#loop[this.#at] ?? 0
    this.#at = (this.#at + 1) % this.#loop.length
    return gain * (this.#crossFaded(value, made) + this.#bridge(made))
  }

  /** The first sample made up joins the last one heard, wherever that was: the difference is let go of over a seam. */
  #bridge(made: number): number {
    return made >= this.#seam ? 0 : this.#jump * (1 - (made + 1) / (this.#seam + 1))
  }

  #crossFaded(value: number, made: number): number {
    const age = made - this.#changedAt
    if (age >= this.#seam) return value
    const share = (age + 1) / (this.#seam + 1)
    const before = this.#before[this.#beforeAt] ?? 0
    this.#beforeAt = (this.#beforeAt + 1) % this.#before.length
    return before * (1 - share) + value * share
  }

  /** Goes on at the same place of the period. */
  #repeat(periods: number): void {
    this.#before = this.#loop
    this.#beforeAt = this.#at
    this.#loop = this.#makeLoop(periods)
    this.#at %= this.#period
    this.#changedAt = this.#made
  }

  /** The last periods heard; at their end the sound of the time before them is faded in, which leads into their start. */
  #makeLoop(periods: number): Float64Array {
    const end = this.#heard.length
    const start = end - periods * this.#period
    const loop = this.#heard.slice(start, end)
    for (let at = 0; at < this.#seam; at += 1) {
      const share = (at + 1) / (this.#seam + 1)
      const into = loop.length - this.#seam + at
      const lead = this.#heard[start - this.#seam + at] ?? 0
      loop[into] = (loop[into] ?? 0) * (1 - share) + lead * share
    }
    return loop
  }
}
