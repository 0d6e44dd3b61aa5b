// G.711 µ-law and A-law ⇄ 16-bit linear (ITU-T G.711), by tables made once from alawmulaw, and from one law to the
// other byte by byte.
import alawmulaw from 'alawmulaw'
import { ALAW_SILENCE, ULAW_SILENCE, type TelephoneCodec } from '#core/contracts'

export interface G711 {
  readonly codec: TelephoneCodec
  /** The code of nothing said. */
  readonly silence: number
  /** Linear value by code. */
  readonly decode: Int16Array
  /** Code by linear value + 32768: for loops that cannot afford a call a sample. */
  readonly codes: Uint8Array
  /** The code of a 16-bit integer. */
  encode(sample: number): number
}

/** How many values 16 bits have, and where zero is among them. */
const LINEAR_VALUES = 1 << 16
export const LINEAR_ZERO = 1 << 15

interface Law {
  decodeSample(code: number): number
  encodeSample(sample: number): number
}

function makeG711(codec: TelephoneCodec, silence: number, law: Law): G711 {
  const decode = Int16Array.from({ length: 256 }, (_, code) => law.decodeSample(code))
  // All 65,536: rounding to fewer entries would be wrong for negative samples, whose steps are mirrored.
  const codes = Uint8Array.from({ length: LINEAR_VALUES }, (_, index) =>
    law.encodeSample(index - LINEAR_ZERO),
  )
  return {
    codec,
    silence,
    decode,
    codes,
    encode: (sample) => codes[sample + LINEAR_ZERO] ?? silence,
  }
}

const PCMU = makeG711('PCMU', ULAW_SILENCE, alawmulaw.mulaw)
const PCMA = makeG711('PCMA', ALAW_SILENCE, alawmulaw.alaw)

/** The tables of one law; always the same object. */
export function g711(codec: TelephoneCodec): G711 {
  switch (codec) {
    case 'PCMU':
      return PCMU
    case 'PCMA':
      return PCMA
    default:
      return codec satisfies never
  }
}

const ALAW_BY_ULAW = makeTranslation(PCMU, PCMA)
const ULAW_BY_ALAW = makeTranslation(PCMA, PCMU)

/** 256 codes of the other law, by code: the nearest value. Null when nothing is to be translated. */
export function translate(from: TelephoneCodec, to: TelephoneCodec): Uint8Array | null {
  if (from === to) return null
  return to === 'PCMA' ? ALAW_BY_ULAW : ULAW_BY_ALAW
}

function makeTranslation(from: G711, to: G711): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => nearestCode(code, from, to))
}

/** Among codes equally near the one of the same sign, then the quieter: µ-law has two zeros, A-law has none. */
function nearestCode(code: number, from: G711, to: G711): number {
  const value = from.decode[code] ?? 0
  let best = to.silence
  let least = Number.POSITIVE_INFINITY
  for (let candidate = 0; candidate < 256; candidate += 1) {
    const decoded = to.decode[candidate] ?? 0
    const foreign = isPositive(code) === isPositive(candidate) ? 0 : 1
    // Distances are whole numbers; what breaks a tie stays below one.
    const cost = Math.abs(decoded - value) + foreign / 2 + Math.abs(decoded) / LINEAR_VALUES / 2
    if (cost >= least) continue
    least = cost
    best = candidate
  }
  return best
}

/** The first bit of both laws is the sign. */
function isPositive(code: number): boolean {
  return (code & 0x80) !== 0
}

export function decodeUlaw(ulaw: Uint8Array): Int16Array {
  const linear = new Int16Array(ulaw.length)
  for (let at = 0; at < ulaw.length; at += 1) linear[at] = PCMU.decode[ulaw[at] ?? 0] ?? 0
  return linear
}

export function encodeUlaw(linear: Int16Array): Uint8Array {
  const ulaw = new Uint8Array(linear.length)
  for (let at = 0; at < linear.length; at += 1) {
    ulaw[at] = PCMU.codes[(linear[at] ?? 0) + LINEAR_ZERO] ?? 0
  }
  return ulaw
}
