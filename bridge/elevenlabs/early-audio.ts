// What the caller says between the opening of a session and its metadata: kept, and sent first.

/** 10 s of µ-law at 8000 bytes a second. */
const MAX_BYTES = 80_000

export interface EarlyAudio {
  /** Takes a copy; beyond 10 s the oldest go. */
  keep(ulaw: Uint8Array): void
  /** Everything kept, in order and in one piece; empties the store. */
  take(): Buffer
  readonly droppedBytes: number
}

export function createEarlyAudio(): EarlyAudio {
  let frames: Buffer[] = []
  let bytes = 0
  let droppedBytes = 0
  return {
    keep(ulaw) {
      frames.push(Buffer.from(ulaw))
      bytes += ulaw.byteLength
      while (bytes > MAX_BYTES) {
        const oldest = frames.shift()
        if (oldest === undefined) return
        bytes -= oldest.length
        droppedBytes += oldest.length
      }
    },
    take() {
      const kept = Buffer.concat(frames, bytes)
      frames = []
      bytes = 0
      return kept
    },
    get droppedBytes() {
      return droppedBytes
    },
  }
}
