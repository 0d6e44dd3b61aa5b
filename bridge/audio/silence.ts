// Frames of nothing, shared by everybody and written to by nobody.
import { ALAW_SILENCE, FRAME_BYTES, ULAW_SILENCE, type TelephoneCodec } from '#core/contracts'

const SILENT_FRAMES: Readonly<Record<TelephoneCodec, Uint8Array>> = {
  PCMU: Buffer.alloc(FRAME_BYTES, ULAW_SILENCE),
  PCMA: Buffer.alloc(FRAME_BYTES, ALAW_SILENCE),
}

/** 20 ms of silence; always the same bytes. */
export function silentFrame(codec: TelephoneCodec): Uint8Array {
  return SILENT_FRAMES[codec]
}
