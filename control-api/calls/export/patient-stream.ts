// A text as a stream that is read no faster than it is taken, and that is broken off when nobody takes it any more.
import { Readable } from 'node:stream'
import type { Milliseconds } from '#core/contracts'

/** A page of calls, about. */
const HELD_BYTES = 128 * 1024

/**
 * Its error cuts the connection it is sent by, so that a reader does not take a part for the whole.
 * @param patience between two pieces
 */
export function patientStream(
  pieces: AsyncGenerator<string, void, undefined>,
  patience: Milliseconds,
): Readable {
  const giveUp = (): void => {
    stream.destroy(new Error('nobody took what was sent'))
  }
  async function* watched(): AsyncGenerator<string, void, undefined> {
    let timer: NodeJS.Timeout | undefined
    try {
      for await (const piece of pieces) {
        if (piece === '') continue
        timer = setTimeout(giveUp, patience)
        yield piece
        clearTimeout(timer)
      }
    } finally {
      clearTimeout(timer)
    }
  }
  const stream: Readable = Readable.from(watched(), {
    objectMode: false,
    highWaterMark: HELD_BYTES,
  })
  return stream
}
