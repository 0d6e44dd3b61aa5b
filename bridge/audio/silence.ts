// Frames of nothing, shared by everybody and written to by nobody.
import { FRAME_BYTES, ULAW_SILENCE } from '#core/contracts'

/** 20 ms of µ-law silence. */
export const SILENT_FRAME: Uint8Array = Buffer.alloc(FRAME_BYTES, ULAW_SILENCE)
