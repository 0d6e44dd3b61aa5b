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

export const TELEPHONE_RATE: SampleRate = hz(8000)
/** 20 ms, the packetisation every carrier accepts (RFC 3551 §4.2). */
export const FRAME_MS = 20
/** Bytes of one 20 ms G.711 frame. */
export const FRAME_BYTES = 160
/** µ-law for zero: what is sent where nothing is said. */
export const ULAW_SILENCE = 0xff
