// One file to the server. By XMLHttpRequest: fetch does not tell how much of a body is sent.
import type { Problem } from '../../../api/generated/types.gen.ts'
import { ApiProblem } from '../../../api/problem.ts'
import { askSession } from '../../../session/ask-session.ts'
import { uploadAddress } from '../requests.ts'
import type { Media } from '../shapes.ts'
import type { SendWish } from './upload-queue.ts'

/** Nothing of it was sent for so long: the line is broken. */
const STALLED_MS = 60_000
/** A long video is decoded as a whole before the answer comes. */
const CHECKED_WITHIN_MS = 600_000
const LOOK_EVERY_MS = 1000

export function sendFile({ file, memorialId, signal, onSent }: SendWish): Promise<Media> {
  const { promise, resolve, reject } = Promise.withResolvers<Media>()
  const request = new XMLHttpRequest()
  const end = watchStall(request)
  const abort = (): void => request.abort()
  request.open('POST', uploadAddress(memorialId))
  request.responseType = 'text'
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    // What stands around the file in the body is no part of it.
    const sent = total === 0 ? 0 : Math.floor((loaded / total) * file.size)
    onSent(loaded >= total ? file.size : Math.min(sent, file.size - 1))
  })
  request.upload.addEventListener('load', () => onSent(file.size))
  request.addEventListener('loadend', () => {
    end()
    signal.removeEventListener('abort', abort)
    const { status, responseText } = request
    const body = parse(responseText)
    if (status === 201 && isMedia(body)) resolve(body)
    else reject(new ApiProblem(status, isProblem(body) ? body : {}))
    // Whether the session is over is the whole tab's concern.
    if (status === 401) void askSession()
  })
  signal.addEventListener('abort', abort)
  const body = new FormData()
  body.append('file', file, file.name)
  request.send(body)
  return promise
}

/** @returns ends it */
function watchStall(request: XMLHttpRequest): () => void {
  const seen = { at: performance.now(), isSent: false }
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    seen.at = performance.now()
    seen.isSent = loaded >= total
  })
  const timer = setInterval(() => {
    const still = performance.now() - seen.at
    if (still > (seen.isSent ? CHECKED_WITHIN_MS : STALLED_MS)) request.abort()
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // A proxy in between answers with a page of its own: its status says enough.
    return undefined
  }
}

const isMedia = (body: unknown): body is Media =>
  typeof body === 'object' && body !== null && 'media_id' in body

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body
