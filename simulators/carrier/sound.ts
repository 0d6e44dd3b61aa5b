// What a phone can play, as µ-law at 8 kHz: recorded speech, tones, ring-back (G.711, ITU-T E.180).
import { FRAME_BYTES, FRAME_MS, ULAW_SILENCE } from '#core/contracts'
import { loadSpeech, type SpeechName } from '#simulators/speech'

/** `ms` cuts or repeats the sound to that length; without it speech plays once and a tone lasts one second. */
export type Sound =
  | { readonly speech: SpeechName; readonly ms?: number }
  | { readonly tone: number; readonly levelDbm0?: number; readonly ms?: number }
  | { readonly ringBack: true; readonly ms?: number }
  | { readonly ulaw: Buffer; readonly ms?: number }

const BYTES_PER_MS = FRAME_BYTES / FRAME_MS
/** A full-scale sine is +3.17 dBm0 in µ-law (ITU-T G.711). */
const FULL_SCALE_DBM0 = 3.17
const FULL_SCALE = 32_124
const TONE_LEVEL_DBM0 = -10
/** Germany and most of Europe: 425 Hz, 1 s on, 4 s off (ITU-T E.180 supplement 2). */
const RING_BACK = { hz: 425, onMs: 1000, offMs: 4000 }

/** The sound's bytes, 8 a millisecond. */
export function soundBytes(sound: Sound): Buffer {
  if ('tone' in sound) return tone(sound.tone, sound.ms ?? 1000, sound.levelDbm0)
  const once =
    'speech' in sound ? loadSpeech(sound.speech) : 'ulaw' in sound ? sound.ulaw : ringBack()
  if (sound.ms === undefined) return once
  return Buffer.alloc(Math.round(sound.ms * BYTES_PER_MS), once.length > 0 ? once : ULAW_SILENCE)
}

export const silence = (ms: number): Buffer =>
  Buffer.alloc(Math.round(ms * BYTES_PER_MS), ULAW_SILENCE)

export function tone(frequencyHz: number, ms: number, levelDbm0 = TONE_LEVEL_DBM0): Buffer {
  const amplitude = FULL_SCALE * 10 ** ((levelDbm0 - FULL_SCALE_DBM0) / 20)
  const bytes = Buffer.alloc(Math.round(ms * BYTES_PER_MS))
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = encodeUlaw(amplitude * Math.sin((2 * Math.PI * frequencyHz * index) / 8000))
  }
  return bytes
}

const ringBack = (): Buffer =>
  Buffer.concat([tone(RING_BACK.hz, RING_BACK.onMs), silence(RING_BACK.offMs)])

/** G.711 µ-law of a 16-bit sample: sign, three bits of exponent, four of mantissa, inverted. */
export function encodeUlaw(sample: number): number {
  const magnitude = Math.min(Math.abs(Math.round(sample)), 32_635) + 132
  const exponent = 24 - Math.clz32(magnitude)
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff
}

export function decodeUlaw(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = ((((code & 0x0f) << 3) + 132) << ((code >> 4) & 7)) - 132
  return code & 0x80 ? -magnitude : magnitude
}
