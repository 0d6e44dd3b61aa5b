// A-law (ITU-T G.711), by arithmetic, for telephones that speak it: everything else here is µ-law.
import { decodeUlawSample, encodeUlawSample } from './sound.ts'

/** Sign, three bits of exponent, four of mantissa, every other bit turned. */
function encodeAlawSample(sample: number): number {
  // 13 bits: A-law has no step finer than 16 of 16 bits.
  const magnitude = Math.min(sample < 0 ? -sample - 1 : sample, 32_767) >> 3
  const exponent = Math.max(0, 27 - Math.clz32(magnitude))
  const mantissa = (magnitude >> Math.max(1, exponent)) & 0x0f
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55
}

function decodeAlawSample(byte: number): number {
  const code = byte ^ 0x55
  const exponent = (code >> 4) & 7
  const mantissa = ((code & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return code & 0x80 ? magnitude : -magnitude
}

const TO_ALAW = Uint8Array.from({ length: 256 }, (_, byte) =>
  encodeAlawSample(decodeUlawSample(byte)),
)
const TO_ULAW = Uint8Array.from({ length: 256 }, (_, byte) =>
  encodeUlawSample(decodeAlawSample(byte)),
)

export const ulawToAlaw = (ulaw: Uint8Array): Buffer => through(TO_ALAW, ulaw)
export const alawToUlaw = (alaw: Uint8Array): Buffer => through(TO_ULAW, alaw)

function through(table: Uint8Array, bytes: Uint8Array): Buffer {
  const translated = Buffer.alloc(bytes.length)
  bytes.forEach((byte, at) => (translated[at] = table[byte] ?? 0))
  return translated
}
