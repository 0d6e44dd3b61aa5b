// Tones and levels in µ-law at 8 kHz (ITU-T G.711), by arithmetic and apart from production's tables, so that the
// simulators judge them independently.

/** Amplitude of a full-scale sine, which is +3.17 dBm0 in µ-law. */
const FULL_SCALE = 32_124
const FULL_SCALE_DBM0 = 3.17
const BYTES_PER_MS = 8

/** A sine of that frequency, length and level. */
export function toneUlaw(frequencyHz: number, lengthMs: number, levelDbm0 = -10): Buffer {
  const amplitude = FULL_SCALE * 10 ** ((levelDbm0 - FULL_SCALE_DBM0) / 20)
  const bytes = Buffer.alloc(Math.round(lengthMs * BYTES_PER_MS))
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = encodeUlawSample(amplitude * Math.sin((2 * Math.PI * frequencyHz * at) / 8000))
  }
  return bytes
}

/** Level of a stretch of µ-law; −Infinity for digital silence. */
export function levelDbm0(ulaw: Uint8Array): number {
  let energy = 0
  for (const code of ulaw) energy += (LINEAR[code] ?? 0) ** 2
  const rms = Math.sqrt(energy / Math.max(1, ulaw.length))
  return 20 * Math.log10((rms * Math.SQRT2) / FULL_SCALE) + FULL_SCALE_DBM0
}

/** Sign, three bits of exponent, four of mantissa, inverted. */
export function encodeUlawSample(sample: number): number {
  const magnitude = Math.min(Math.abs(Math.round(sample)), 32_635) + 132
  const exponent = 24 - Math.clz32(magnitude)
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff
}

export function decodeUlawSample(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = ((((code & 0x0f) << 3) + 132) << ((code >> 4) & 7)) - 132
  return code & 0x80 ? -magnitude : magnitude
}

const LINEAR = Int16Array.from({ length: 256 }, (_, code) => decodeUlawSample(code))
