// The noise a silent caller's phone asks for instead of silence (RFC 3389 §3). Only the level is followed: the spectral
// coefficients shape a noise that is 40 dB under the voice, and no speech recogniser is helped by its colour.
import type { TelephoneCodec } from '#core/contracts'
import { g711, LINEAR_ZERO, type G711 } from './g711.ts'

/** 0 dBov is a square wave of the largest value of the law (RFC 3389 §3: ±8031 of 14 bits for µ-law). */
const OVERLOAD: Readonly<Record<TelephoneCodec, number>> = { PCMU: 32_124, PCMA: 32_256 }
/** Louder is no background any more; a packet that says so is wrong or hostile. */
const LOUDEST_MINUS_DBOV = 30
const QUIETEST_MINUS_DBOV = 127
/** Evenly spread numbers from −1 to 1 have this root mean square. */
const UNIFORM_RMS = 1 / Math.sqrt(3)

export class ComfortNoise {
  readonly #law: G711
  #amplitude = 0
  /** xorshift32 (Marsaglia 2003): never zero. */
  #seed = 0x9e3779b9 | 0

  constructor(codec: TelephoneCodec) {
    this.#law = g711(codec)
  }

  /** The first byte of a comfort noise packet: 0 to 127 for 0 to −127 dBov. */
  setLevel(minusDbov: number): void {
    const level = Math.min(Math.max(minusDbov, LOUDEST_MINUS_DBOV), QUIETEST_MINUS_DBOV)
    this.#amplitude = (OVERLOAD[this.#law.codec] * 10 ** (-level / 20)) / UNIFORM_RMS
  }

  make(samples: number): Uint8Array {
    const { codes, silence } = this.#law
    const noise = new Uint8Array(samples)
    const scale = this.#amplitude / 0x80000000
    let seed = this.#seed
    for (let at = 0; at < samples; at += 1) {
      seed ^= seed << 13
      seed ^= seed >>> 17
      seed ^= seed << 5
      noise[at] = codes[Math.round(seed * scale) + LINEAR_ZERO] ?? silence
    }
    this.#seed = seed
    return noise
  }
}
