// What the caller says until the agent has spoken: kept in the codec it came in, and sent first. Until the metadata
// nothing else can be done with it; after it the copy stays for a second attempt, which must not miss the caller's
// first words.
import type { TelephoneCodec } from '#core/contracts'

/** 10 s of G.711 at 8000 bytes a second. */
const MAX_BYTES = 80_000
/** Kept audio goes out in pieces of 250 ms, the size the vendor's own clients use. */
const PIECE_BYTES = 2000

export interface EarlyPiece {
  readonly line: Buffer
  readonly codec: TelephoneCodec
}

export interface EarlyAudio {
  /** Takes a copy; beyond 10 s the oldest go. Returns how many bytes went. */
  keep(line: Uint8Array, codec: TelephoneCodec): number
  /** Everything kept, in order, in pieces of 250 ms at most and one codec each. It stays. */
  pieces(): readonly EarlyPiece[]
  /** Empties the store. */
  forget(): void
}

export function createEarlyAudio(): EarlyAudio {
  let frames: EarlyPiece[] = []
  let bytes = 0
  return {
    keep(line, codec) {
      frames.push({ line: Buffer.from(line), codec })
      bytes += line.byteLength
      let lost = 0
      while (bytes > MAX_BYTES) {
        const oldest = frames.shift()?.line.length ?? bytes
        bytes -= oldest
        lost += oldest
      }
      return lost
    },
    pieces: () => joined(frames),
    forget() {
      frames = []
      bytes = 0
    },
  }
}

function joined(frames: readonly EarlyPiece[]): EarlyPiece[] {
  const pieces: EarlyPiece[] = []
  let from = 0
  while (from < frames.length) {
    const codec = frames[from]?.codec ?? 'PCMU'
    let to = from
    for (let bytes = 0; to < frames.length; to += 1) {
      const frame = frames[to]
      if (frame?.codec !== codec) break
      bytes += frame.line.length
      if (bytes > PIECE_BYTES && to > from) break
    }
    pieces.push({ line: Buffer.concat(frames.slice(from, to).map(({ line }) => line)), codec })
    from = to
  }
  return pieces
}
