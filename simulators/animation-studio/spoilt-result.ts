// Results that arrive wrong, each in a way of its own.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

export type SpoiltKind =
  | 'truncated'
  | 'short'
  | 'wrong-length'
  | 'damaged'
  | 'html'
  | 'endless'
  | 'stalled'

const TYPE = { 'content-type': 'video/mp4', 'accept-ranges': 'bytes' } as const
const LESS_BYTES = 1000
/** Nobody fetches more than this of what never ends. */
const MOST_ENDLESS_BYTES = 4 * 1024 ** 3

/** @returns the status */
export function spoilt(
  response: ServerResponse,
  video: Buffer,
  kind: SpoiltKind,
  closing: AbortSignal,
): number {
  const half = video.subarray(0, Math.floor(video.length / 2))
  switch (kind) {
    case 'truncated':
      response.writeHead(200, { ...TYPE, 'content-length': video.length })
      response.write(half, () => response.destroy())
      break
    case 'short':
      // In chunks: nothing says that there should be more.
      response.writeHead(200, TYPE).end(half)
      break
    case 'wrong-length':
      response.writeHead(200, { ...TYPE, 'content-length': video.length - LESS_BYTES })
      response.end(video.subarray(0, video.length - LESS_BYTES))
      break
    case 'damaged':
      response.writeHead(200, { ...TYPE, 'content-length': video.length }).end(withHole(video))
      break
    case 'html':
      response.writeHead(200, TYPE).end('<html><body><h1>Just a moment…</h1></body></html>')
      break
    case 'endless':
      response.writeHead(200, TYPE)
      void neverEnd(response, video, closing)
      break
    case 'stalled':
      response.writeHead(200, { ...TYPE, 'content-length': video.length })
      response.write(half)
      break
    default:
      return kind satisfies never
  }
  return 200
}

/** A quarter of it, in the middle: the boxes at its beginning are whole, the pictures are not. */
function withHole(video: Buffer): Buffer {
  const damaged = Buffer.from(video)
  return damaged.fill(0, Math.floor(video.length * 0.5), Math.floor(video.length * 0.75))
}

async function neverEnd(
  response: ServerResponse,
  video: Buffer,
  closing: AbortSignal,
): Promise<void> {
  const gone = once(response, 'close')
  let sent = 0
  while (!response.destroyed && !closing.aborted && sent < MOST_ENDLESS_BYTES) {
    sent += video.length
    if (!response.write(video)) await Promise.race([once(response, 'drain'), gone])
  }
  response.destroy()
}
