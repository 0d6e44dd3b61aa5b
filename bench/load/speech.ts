// One frame of something that is not silence, the same in every packet: what the bytes say costs nobody anything.
import { FRAME_BYTES } from '../../core/contracts/index.ts'
import { MARK_BYTES } from './probe-mark.ts'

/** µ-law codes of a loud wave; never silence (0xff), never the mark. */
export const SPEECH: Uint8Array = Uint8Array.from(
  { length: FRAME_BYTES },
  (_, at) => 0x80 + (at % 96),
)

/** The part of a frame behind its mark, as base64: the mark takes eight characters, which end on a byte. */
export const SPEECH_AFTER_MARK_TEXT: string = Buffer.from(SPEECH.subarray(MARK_BYTES)).toString(
  'base64',
)

/** A frame of a pcm_16000 agent, as base64: a loud wave of 250 Hz. It bears no mark, which no resampler would leave. */
export const PCM_SPEECH_TEXT: string = Buffer.from(
  Int16Array.from({ length: 2 * FRAME_BYTES }, (_, at) =>
    Math.round(8000 * Math.sin((2 * Math.PI * at) / 64)),
  ).buffer,
).toString('base64')
