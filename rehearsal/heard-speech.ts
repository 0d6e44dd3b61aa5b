// Was a recording heard whole? Byte for byte and in order; only something in between may have been put in, as is done
// when packets are kept waiting: silence, or sound made up for them, which blends into the frame behind it. Pure.
import { FRAME_BYTES, ULAW_SILENCE } from '#core/contracts'

export interface Pause {
  /** Where in what was heard it begins. */
  readonly offsetBytes: number
  readonly ms: number
  /** It is not silent. */
  readonly isFilled: boolean
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
    if (isAt(heard, frame, at)) {
      at += frame.length
      continue
    }
    const next = said.subarray(from + FRAME_BYTES, from + 2 * FRAME_BYTES)
    const found = find(heard, frame, at) ?? blended(heard, next, at)
    if (found === undefined) return undefined
    const isFilled = !isSilent(heard.subarray(at, found))
    pauses.push({ offsetBytes: at, ms: (found - at) / BYTES_PER_MS, isFilled })
    at = found + frame.length
  }
  return pauses
}

function find(heard: Buffer, frame: Buffer, from: number): number | undefined {
  const place = heard.subarray(from, from + MAX_PAUSE_BYTES + frame.length).indexOf(frame)
  return place < 0 ? undefined : from + place
}

/** Where a frame must be that is not as it was: before the next one, and behind something that was put in. */
function blended(heard: Buffer, next: Buffer, from: number): number | undefined {
  const place = next.length === 0 ? undefined : find(heard, next, from)
  return place === undefined || place - FRAME_BYTES <= from ? undefined : place - FRAME_BYTES
}

const isAt = (heard: Buffer, frame: Buffer, at: number): boolean =>
  heard.subarray(at, at + frame.length).equals(frame)

const isSilent = (bytes: Buffer): boolean => bytes.every((byte) => byte === ULAW_SILENCE)
