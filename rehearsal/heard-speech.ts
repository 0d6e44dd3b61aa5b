// Was a recording heard whole? Byte for byte and in order; only silence may have been put in between, as a sender that
// was kept waiting does. Pure.
import { FRAME_BYTES, ULAW_SILENCE } from '#core/contracts'

export interface Pause {
  /** Where in what was heard the silence begins. */
  readonly offsetBytes: number
  readonly ms: number
}

const BYTES_PER_MS = 8
const MAX_PAUSE_BYTES = 1000 * BYTES_PER_MS

/** The pauses that were put into the recording, none when it is there in one piece; undefined when it is not whole. */
export function findSpeech(heard: Buffer, said: Buffer): readonly Pause[] | undefined {
  const beginning = said.subarray(0, FRAME_BYTES)
  for (let at = heard.indexOf(beginning); at >= 0; at = heard.indexOf(beginning, at + 1)) {
    const pauses = follow(heard.subarray(at), said)
    if (pauses) return pauses.map((pause) => ({ ...pause, offsetBytes: pause.offsetBytes + at }))
  }
  return undefined
}

/** Frame by frame from the beginning of both. */
function follow(heard: Buffer, said: Buffer): readonly Pause[] | undefined {
  const pauses: Pause[] = []
  let at = 0
  for (let from = 0; from < said.length; from += FRAME_BYTES) {
    const frame = said.subarray(from, from + FRAME_BYTES)
    const found = isAt(heard, frame, at) ? at : heard.indexOf(frame, at)
    if (found < 0 || found - at > MAX_PAUSE_BYTES || !isSilent(heard.subarray(at, found)))
      return undefined
    if (found > at) pauses.push({ offsetBytes: at, ms: (found - at) / BYTES_PER_MS })
    at = found + frame.length
  }
  return pauses
}

const isAt = (heard: Buffer, frame: Buffer, at: number): boolean =>
  heard.subarray(at, at + frame.length).equals(frame)

const isSilent = (bytes: Buffer): boolean => bytes.every((byte) => byte === ULAW_SILENCE)
