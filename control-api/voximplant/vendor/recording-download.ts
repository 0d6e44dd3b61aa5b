// A recording of Voximplant, into a file. Its address is told by history and scenario: it is asked over https alone, and the
// key goes to hosts of the vendor and nowhere else, whatever a redirect says.
import { open, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Agent } from 'undici'
import { AppError, systemCodeOf } from '#core/errors'
import { pinnedTo } from '../../webhooks/send-webhook.ts'
import { parsedJson, textOf } from '../../vendor-answers/answer-body.ts'
import { attemptOf, errorIn, passing, refused, type Attempt } from './vendor-attempt.ts'
import { isCommand, isOfVendor, type MayAsk } from './vendor-hosts.ts'
import { failureOf } from './vendor-refusals.ts'
import type { VendorRequests } from './vendor-requests.ts'

/** Three hours of stereo as the platform makes it at its best (192 kbit/s). */
const MAX_BYTES = 300 * 1024 * 1024
const MAX_WORDS_BYTES = 64 * 1024
const MAX_REDIRECTS = 3
const OVER_SIZE = 'The recording is too large.'

export interface Download {
  readonly url: string
  readonly path: string
  readonly baseUrl: string
  readonly mayAsk: MayAsk
}

/** For `VendorRequests.repeat`: leaves no file behind where it fails. */
export async function downloadRecording(
  requests: VendorRequests,
  { path, ...where }: Download,
  signal: AbortSignal,
): Promise<Attempt<{ readonly bytes: number }>> {
  const pinned: Agent[] = []
  try {
    const response = await ask(requests, { ...where, pinned }, signal)
    if (!(response instanceof Response)) return response
    try {
      return await save(requests, response, path)
    } finally {
      // An answer that was not read to its end keeps its connection.
      if (!response.bodyUsed) await response.body?.cancel()
    }
  } finally {
    await Promise.all(pinned.map((agent) => agent.destroy()))
  }
}

async function ask(
  requests: VendorRequests,
  { url, baseUrl, ...others }: Omit<Download, 'path'> & Others,
  signal: AbortSignal,
): Promise<Response | Attempt<never>> {
  const base = new URL(baseUrl)
  let at = URL.parse(url)
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const way = at && isAllowed(at, base) ? await wayTo(at, base, others) : undefined
    if (at === null || way === undefined)
      return refused(noRecording('the recording has no address that may be asked'))
    // After a redirect, an address has what it needs.
    const isTrusted = isOfVendor(at, base) && (hops === 0 || at.origin === originOf(url))
    const asked = isTrusted ? withKey(at, requests.keyParams()) : at
    const headers = isTrusted ? requests.authorization() : {}
    const response = await fetch(asked, { headers, redirect: 'manual', signal, ...way })
    const next = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || next === null) return response
    await response.body?.cancel()
    at = URL.parse(next, at.href)
  }
  return refused(noRecording('the recording is redirected again and again'))
}

interface Others {
  readonly mayAsk: MayAsk
  /** To be closed when all is read. */
  readonly pinned: Agent[]
}

/** How an address is connected to; undefined: not at all. */
async function wayTo(at: URL, base: URL, { mayAsk, pinned }: Others): Promise<Way | undefined> {
  if (isOfVendor(at, base)) return {}
  const addresses = await mayAsk(at.href)
  if (addresses === undefined) return undefined
  // A hundred modules, 100 ms of a start: seldom needed.
  const { Agent } = await import('undici')
  // The name could mean another address by now.
  const dispatcher = new Agent({ connect: { lookup: pinnedTo(addresses) } })
  pinned.push(dispatcher)
  return { dispatcher }
}

/** A part of `RequestInit`, whose type names another copy of undici than ours. */
type Way = object

const isAllowed = (url: URL, base: URL): boolean =>
  (url.protocol === 'https:' || url.origin === base.origin) && !isCommand(url)

const originOf = (url: string): string | undefined => URL.parse(url)?.origin

function withKey(url: URL, params: Readonly<Record<string, string>>): URL {
  const asked = new URL(url)
  for (const [name, value] of Object.entries(params)) asked.searchParams.set(name, value)
  return asked
}

async function save(
  requests: VendorRequests,
  response: Response,
  path: string,
): Promise<Attempt<{ readonly bytes: number }>> {
  const type = response.headers.get('content-type') ?? ''
  const retryAfterMs = requests.retryAfterOf(response)
  if (/^(?:application\/json|text\/html)/i.test(type)) {
    const words = parsedJson(await textOf(response, MAX_WORDS_BYTES))
    const error = errorIn(words, retryAfterMs)
    if (error !== undefined) return error
    if (response.ok)
      return passing('broken', failureOf('answered with words instead of a recording'))
  }
  const { status } = response
  if (status === 404 || status === 410)
    return refused(noRecording('there is no such recording any more'))
  if (!response.ok || response.body === null) return attemptOf(status, retryAfterMs)
  return write(response.body, path)
}

async function write(
  body: ReadableStream<Uint8Array>,
  path: string,
): Promise<Attempt<{ readonly bytes: number }>> {
  let bytes = 0
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      bytes += piece.length
      if (bytes > MAX_BYTES) throw new AppError('PAYLOAD_TOO_LARGE', OVER_SIZE)
      yield piece
    }
  }
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => notWritten(error))
  if ('kind' in file) return file
  try {
    const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
    await pipeline(source, counted, file.createWriteStream())
    return { kind: 'ok', value: { bytes } }
  } catch (error) {
    await rm(path, { force: true })
    if (isOfFile(error)) return notWritten(error)
    throw error
  }
}

const notWritten = (error: unknown): Attempt<never> => {
  const why = `The recording could not be written (${systemCodeOf(error) ?? 'unknown reason'}).`
  return passing('broken', new AppError('STORAGE_UNAVAILABLE', why))
}

/** The connection reads. */
const isOfFile = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'write'

const noRecording = (why: string): AppError =>
  new AppError('NOT_FOUND', `Voximplant: ${why}.`, { details: { vendor: 'voximplant' } })
