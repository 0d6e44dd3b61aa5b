// A file of the internet, fetched to one of this machine: every address on the way is examined first and connected to as it
// was examined; bounded in size, in time, and in how slowly it comes.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Dispatcher } from 'undici'
import { AppError, connectionCodeOf } from '#core/errors'
import type { EndpointPolicy } from '../../webhooks/endpoint-policy.ts'
import { pinnedTo } from '../../webhooks/send-webhook.ts'
import { expectRoom } from '../disk-room.ts'

export interface FileToFetch {
  readonly url: string
  /** Replaced when it is there. */
  readonly path: string
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export type FetchedFile =
  | { readonly kind: 'fetched'; readonly bytes: number; readonly sha256: string }
  /** The policy says no. */
  | { readonly kind: 'refused'; readonly why: string }
  /** 403, 404, 410: not there, or not any more. */
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'too-large'; readonly why: string }
  /** @param why in words without any part of the address */
  | { readonly kind: 'failed'; readonly why: string }

export interface FetchLimits {
  readonly connectMs: number
  /** Without a byte. */
  readonly idleMs: number
  readonly totalMs: number
  /** On average, once it has had so long: who sends a byte at a time is never idle. */
  readonly leastRate?: { readonly afterMs: number; readonly bytesPerSecond: number } | undefined
}

/** Anybody may name a link: it must not hold up others for long. */
export const PHOTO_LIMITS: FetchLimits = { connectMs: 10_000, idleMs: 10_000, totalMs: 45_000 }
/** Paid for, and of a host that is known. */
export const RESULT_LIMITS: FetchLimits = {
  connectMs: 10_000,
  idleMs: 30_000,
  totalMs: 600_000,
  leastRate: { afterMs: 60_000, bytesPerSecond: 64 * 1024 },
}

const MOST_REDIRECTS = 3
const MAX_HEADER_BYTES = 32 * 1024
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const GONE: ReadonlySet<number> = new Set([403, 404, 410])
const FILE_MODE = 0o600

/** Ends the fetch with what it is to come to. */
class Stop extends Error {
  readonly outcome: Exclude<FetchedFile, { readonly kind: 'fetched' }>

  constructor(outcome: Stop['outcome']) {
    super(outcome.why)
    this.outcome = outcome
  }
}

/** @throws the signal's reason when it is aborted; AppError `STORAGE_UNAVAILABLE` where there is no room; what the disk says */
export async function fetchFile(
  policy: EndpointPolicy,
  file: FileToFetch,
  limits: FetchLimits,
): Promise<FetchedFile> {
  const deadline = AbortSignal.timeout(limits.totalMs)
  const bounded = { ...file, signal: AbortSignal.any([file.signal, deadline]) }
  try {
    return await follow(policy, bounded, limits)
  } catch (error) {
    if (error instanceof Stop) return error.outcome
    if (error instanceof AppError) throw error
    file.signal.throwIfAborted()
    if (deadline.aborted) return failed(`it was not there within ${limits.totalMs / 1000} s`)
    const code = connectionCodeOf(error)
    // The disk's own words are for whoever runs this machine.
    if (code !== undefined && DISK.has(code)) throw error
    return failed((code !== undefined && WORDS[code]) || 'the connection broke')
  }
}

async function follow(
  policy: EndpointPolicy,
  file: FileToFetch,
  limits: FetchLimits,
): Promise<FetchedFile> {
  // A hundred modules, 100 ms of a start: for those who have photos.
  const { Client } = await import('undici')
  let address = file.url
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const examined = await policy.examine(address)
    if (examined.kind === 'refused') return { kind: 'refused', why: examined.why }
    if (examined.kind === 'unresolved') return failed(examined.why)
    const { url, addresses } = examined
    const client = new Client(url.origin, {
      connect: { lookup: pinnedTo(addresses), timeout: limits.connectMs },
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.idleMs,
      bodyTimeout: limits.idleMs,
    })
    try {
      const answer = await client.request({
        method: 'GET',
        path: `${url.pathname}${url.search}`,
        headers: { accept: '*/*', 'accept-encoding': 'identity' },
        signal: file.signal,
      })
      if (!REDIRECTS.has(answer.statusCode)) return await take(answer, file, limits)
      address = targetOf(answer, url)
    } finally {
      await client.destroy()
    }
  }
  return failed(`it is redirected more than ${MOST_REDIRECTS} times`)
}

function targetOf({ headers }: Dispatcher.ResponseData, from: URL): string {
  const { location } = headers
  const target = Array.isArray(location) ? location[0] : location
  if (target === undefined || !URL.canParse(target, from.href))
    throw new Stop({ kind: 'failed', why: 'it is redirected nowhere' })
  return new URL(target, from.href).href
}

async function take(
  answer: Dispatcher.ResponseData,
  file: FileToFetch,
  { leastRate }: FetchLimits,
): Promise<FetchedFile> {
  const { statusCode: status, headers, body } = answer
  if (GONE.has(status)) return { kind: 'gone', why: `the answer was ${status}` }
  if (status !== 200) return failed(`the answer was ${status}`)
  const told =
    headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  if (told !== undefined && told > file.maxBytes) return tooLarge(file)
  await expectRoom(dirname(file.path), told ?? file.maxBytes)
  const begunAt = performance.now()
  const hash = createHash('sha256')
  let bytes = 0
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      bytes += piece.length
      if (bytes > file.maxBytes) throw new Stop(tooLarge(file))
      if (isTooSlow(bytes, performance.now() - begunAt, leastRate))
        throw new Stop(failed('it comes too slowly'))
      hash.update(piece)
      yield piece
    }
  }
  await pipeline(body, counted, createWriteStream(file.path, { mode: FILE_MODE }), {
    signal: file.signal,
  })
  if (told !== undefined && told !== bytes) return failed(`${bytes} of ${told} bytes came`)
  if (bytes === 0) return failed('it is empty')
  return { kind: 'fetched', bytes, sha256: hash.digest('hex') }
}

const isTooSlow = (bytes: number, passedMs: number, least: FetchLimits['leastRate']): boolean =>
  least !== undefined &&
  passedMs > least.afterMs &&
  bytes < (least.bytesPerSecond * passedMs) / 1000

const failed = (why: string) => ({ kind: 'failed', why }) as const

const tooLarge = ({ maxBytes }: FileToFetch) =>
  ({
    kind: 'too-large',
    why: `it is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB`,
  }) as const

const DISK: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EACCES', 'EROFS', 'ENOENT'])

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'nothing came for too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'fewer bytes came than were told',
}
