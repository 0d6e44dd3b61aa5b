// The audio formats an agent may speak, and the shape of one telephone frame.
import { hz, type SampleRate } from './units.ts'

/**
 * Names as ElevenLabs writes them in conversation_initiation_metadata (facts read autumn 2026). PCM is signed
 * 16-bit little-endian mono; ulaw_8000 is G.711 µ-law, one byte a sample.
 */
export const AGENT_AUDIO_FORMATS = [
  'ulaw_8000',
  'pcm_8000',
  'pcm_16000',
  'pcm_22050',
  'pcm_24000',
  'pcm_44100',
  'pcm_48000',
] as const
export type AgentAudioFormat = (typeof AGENT_AUDIO_FORMATS)[number]

/** G.711 as it goes over the wire: one byte a sample, 8000 a second (RFC 3551 §4.5.14). */
export const TELEPHONE_CODECS = ['PCMU', 'PCMA'] as const
export type TelephoneCodec = (typeof TELEPHONE_CODECS)[number]

/** The sixteen keys of RFC 4733 §3.2. Personal data: what a caller types may be a card number. */
export type DtmfDigit =
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '*'
  | '#'
  | 'A'
  | 'B'
  | 'C'
  | 'D'
/** In the order of their event codes. */
export const DTMF_DIGITS = '0123456789*#ABCD'

export function decodeDtmfDigit(text: string): DtmfDigit | undefined {
  const upper = text.toUpperCase()
  return upper.length === 1 && DTMF_DIGITS.includes(upper) ? (upper as DtmfDigit) : undefined
}

export const TELEPHONE_RATE: SampleRate = hz(8000)
/** Of a telephone line; in G.711 each is a byte. */
export const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** 20 ms, the packetisation every carrier accepts (RFC 3551 §4.2). */
export const FRAME_MS = 20
/** Bytes of one 20 ms G.711 frame. */
export const FRAME_BYTES = 160
/** What is sent where nothing is said: µ-law for zero, and A-law for its smallest step. */
export const ULAW_SILENCE = 0xff
export const ALAW_SILENCE = 0xd5
