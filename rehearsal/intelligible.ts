// Was speech understood although packets of it were lost? Piece by piece of 5 ms: how much of what was loud arrived
// byte for byte, in order and about when it should, and for how long nothing of it did. Pure.
import { ULAW_SILENCE } from '#core/contracts'
import { levelDbm0 } from '#simulators/speech'

export interface Understood {
  /** Of the loud pieces, 0 to 1. */
  readonly share: number
  /** The longest stretch of loud pieces in a row that did not arrive. */
  readonly longestLossMs: number
  /** The longest digital silence where there was sound. */
  readonly longestSilenceMs: number
  /** Where in what was heard pieces should be that are not: each run of them, and how long it is. */
  readonly losses: readonly { readonly offsetBytes: number; readonly ms: number }[]
  /** How much longer, or shorter, the whole became on its way. */
  readonly stretchMs: number
}

const BYTES_PER_MS = 8
const PIECE_MS = 5
const PIECE_BYTES = PIECE_MS * BYTES_PER_MS
/** Quieter than that a piece is a pause, and found anywhere. */
const LOUD_DBM0 = -40
/** A jitter buffer may move what it plays by so much from one piece to the next. */
const NEAR_BYTES = 60 * BYTES_PER_MS
/** What a sender skips when it was kept waiting; it counts as stretch. */
const FAR_BYTES = 500 * BYTES_PER_MS

/** Undefined when nothing of it is there. */
export function understand(heard: Buffer, said: Buffer): Understood | undefined {
  const pieces = loudPieces(said)
  const begin = beginningOf(heard, pieces)
  if (begin === undefined) return undefined
  let shift = begin.shift
  const places: number[] = []
  const losses: { readonly offsetBytes: number; ms: number }[] = []
  let found = 0
  let missing = 0
  let longestMissing = 0
  for (const [index, piece] of pieces.entries()) {
    const { at, bytes } = piece
    const place =
      placeNear(heard, bytes, at + shift) ?? placeFar(heard, piece, pieces[index + 1], shift)
    if (place === undefined) {
      const run = missing > 0 ? losses.at(-1) : undefined
      if (run) run.ms += PIECE_MS
      else losses.push({ offsetBytes: at + shift, ms: PIECE_MS })
      missing += 1
      longestMissing = Math.max(longestMissing, missing)
    } else {
      missing = 0
      found += 1
      shift = place - at
    }
    places.push(at + shift)
  }
  return {
    share: found / pieces.length,
    longestLossMs: longestMissing * PIECE_MS,
    losses,
    longestSilenceMs: longestSilence(heard, places),
    stretchMs: (shift - begin.shift) / BYTES_PER_MS,
  }
}

interface Piece {
  readonly at: number
  readonly bytes: Buffer
}

function loudPieces(said: Buffer): readonly Piece[] {
  const count = Math.floor(said.length / PIECE_BYTES)
  return Array.from({ length: count }, (_, index) => {
    const at = index * PIECE_BYTES
    return { at, bytes: said.subarray(at, at + PIECE_BYTES) }
  }).filter(({ bytes }) => levelDbm0(bytes) > LOUD_DBM0)
}

/** Any of the first pieces may be lost; two that lie as they should are no accident. */
function beginningOf(heard: Buffer, pieces: readonly Piece[]): { shift: number } | undefined {
  for (const [index, { at, bytes }] of pieces.entries()) {
    const next = pieces[index + 1]
    if (!next) return undefined
    for (let found = heard.indexOf(bytes); found >= 0; found = heard.indexOf(bytes, found + 1)) {
      const shift = found - at
      if (isAt(heard, next.bytes, next.at + shift)) return { shift }
    }
  }
  return undefined
}

const isAt = (heard: Buffer, bytes: Buffer, at: number): boolean =>
  at >= 0 && heard.subarray(at, at + bytes.length).equals(bytes)

function placeNear(heard: Buffer, bytes: Buffer, expected: number): number | undefined {
  if (isAt(heard, bytes, expected)) return expected
  const from = Math.max(0, expected - NEAR_BYTES)
  const place = heard.subarray(from, expected + NEAR_BYTES + bytes.length).indexOf(bytes)
  return place < 0 ? undefined : from + place
}

/** Further away only two that lie as they should are no accident. */
function placeFar(
  heard: Buffer,
  { at, bytes }: Piece,
  next: Piece | undefined,
  shift: number,
): number | undefined {
  if (!next) return undefined
  const from = Math.max(0, at + shift)
  const near = heard.subarray(from, from + FAR_BYTES)
  for (let found = near.indexOf(bytes); found >= 0; found = near.indexOf(bytes, found + 1)) {
    if (isAt(heard, next.bytes, from + found + next.at - at)) return from + found
  }
  return undefined
}

/** Where the loud pieces are, or should be. */
function longestSilence(heard: Buffer, places: readonly number[]): number {
  let run = 0
  let longest = 0
  for (const place of places) {
    for (const byte of heard.subarray(place, place + PIECE_BYTES)) {
      run = byte === ULAW_SILENCE ? run + 1 : 0
      longest = Math.max(longest, run)
    }
  }
  return longest / BYTES_PER_MS
}
