// Whether somebody is likely to speak: a quick look at a frame's power, never exact. Levels in dBm0 (ITU-T G.711 table 1
// and 2: a full-scale sine is +3.17 dBm0 in µ-law, +3.14 in A-law).
import type { TelephoneCodec } from '#core/contracts'
import { g711, type G711 } from './g711.ts'

/** Speech on telephones is at −10 to −35 dBm0, a quiet line at −55 and less. */
const LOUD_DBM0 = -45
/** Mean square of a sine of 0 dBm0, from the peak values of both laws; the two differ by 0.01 dB. */
const MEAN_SQUARE_0_DBM0 = (32_124 / 10 ** (3.17 / 20)) ** 2 / 2
const LOUD_MEAN_SQUARE = MEAN_SQUARE_0_DBM0 * 10 ** (LOUD_DBM0 / 10)

const SQUARES: Readonly<Record<TelephoneCodec, Float64Array>> = {
  PCMU: squaresOf(g711('PCMU')),
  PCMA: squaresOf(g711('PCMA')),
}

/**
 * Samples 0, 1 and 3 of each seven are looked at: no two of them are equally far apart (a perfect difference set), so
 * that no tone can stand still on its zeros, as it would under an even step.
 */
const STRIDE = 7
const SECOND = 1
const THIRD = 3

/** Is this frame likely speech, −45 dBm0 or louder? */
export function isLoud(line: Uint8Array, codec: TelephoneCodec): boolean {
  const squares = SQUARES[codec]
  let sum = 0
  let looked = 0
  for (let at = 0; at + THIRD < line.length; at += STRIDE) {
    sum += squares[line[at] ?? 0] ?? 0
    sum += squares[line[at + SECOND] ?? 0] ?? 0
    sum += squares[line[at + THIRD] ?? 0] ?? 0
    looked += 3
  }
  return sum > looked * LOUD_MEAN_SQUARE
}

function squaresOf({ decode }: G711): Float64Array {
  return Float64Array.from(decode, (value) => value * value)
}
