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
