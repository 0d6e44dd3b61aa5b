// What a test call says and how loud it is what it hears: G.711 (ITU-T G.711), no more of it than that takes.
import { FRAME_BYTES, TELEPHONE_RATE, type TelephoneCodec } from '#core/contracts'

/** Soft: heard by whoever listens, no strain for whoever does not expect it. */
const TONE_HZ = 440
const TONE_PEAK = 1000
/** A tone of 0.4 s, then silence: both ends of it can be heard, and music on hold cannot be mistaken for it. */
const PERIOD_SECONDS = 2
const TONE_SECONDS = 0.4

const ULAW_BIAS = 0x84
const ULAW_CLIP = 32_635

/** One period, again and again: frames of 20 ms. */
export function toneFrames(codec: TelephoneCodec): readonly Uint8Array[] {
  const encode = codec === 'PCMU' ? toUlaw : toAlaw
  const samples = Uint8Array.from({ length: PERIOD_SECONDS * TELEPHONE_RATE }, (_, at) => {
    const isOn = at < TONE_SECONDS * TELEPHONE_RATE
    return encode(isOn ? TONE_PEAK * Math.sin((2 * Math.PI * TONE_HZ * at) / TELEPHONE_RATE) : 0)
  })
  return Array.from({ length: samples.length / FRAME_BYTES }, (_, at) =>
    samples.subarray(at * FRAME_BYTES, (at + 1) * FRAME_BYTES),
  )
}

/** Root mean square in decibels below the loudest sample; null for nothing. */
export function levelDb(payload: Uint8Array, codec: TelephoneCodec): number | null {
  if (payload.length === 0) return null
  const decode = codec === 'PCMU' ? fromUlaw : fromAlaw
  const energy = payload.reduce((sum, byte) => sum + decode(byte) ** 2, 0) / payload.length
  return 10 * Math.log10(Math.max(energy, 1) / 32_768 ** 2)
}

function toUlaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(Math.round(sample)), ULAW_CLIP) + ULAW_BIAS
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7)
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff
}

function fromUlaw(byte: number): number {
  const bits = ~byte & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + ULAW_BIAS) << ((bits & 0x70) >> 4)) - ULAW_BIAS
  return (bits & 0x80) === 0 ? magnitude : -magnitude
}

function toAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  const magnitude = Math.min(Math.abs(Math.round(sample)), 32_767) >> 3
  const segment = Math.max(0, 31 - Math.clz32(magnitude | 1) - 4)
  return (sign | (segment << 4) | ((magnitude >> Math.max(segment, 1)) & 0x0f)) ^ 0x55
}

function fromAlaw(byte: number): number {
  const bits = byte ^ 0x55
  const segment = (bits & 0x70) >> 4
  const step = ((bits & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1)
  return (bits & 0x80) === 0 ? -magnitude : magnitude
}
