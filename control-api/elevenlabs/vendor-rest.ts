// One request to the vendor's REST, and what came of it. By fetch and by hand: the vendor's own library takes 165 MB and a
// second to load, so it only judges us in the tests. No key, no address and no words of the vendor are in what we say.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ms, type Milliseconds } from '#core/contracts'
import { connectionFaultOf } from '#core/errors'
import { type Metrics, vendorRequestBegun } from '#core/telemetry'

/** Labels of metrics. */
export type VendorOperation =
  | 'get_conversation'
  | 'get_conversation_audio'
  | 'list_agents'
  | 'get_agent'

export type VendorAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** 404: the vendor knows no such thing. */
  | { readonly kind: 'unknown' }
  /** Asking again would not help: the key, the plan, what was asked, or what came. */
  | { readonly kind: 'refused'; readonly why: string }
  /** 429, 5xx, no answer: asking again may help. */
  | { readonly kind: 'failed'; readonly why: string; readonly retryAfter: Milliseconds | null }

export interface VendorRestOptions {
  /** `https://api.elevenlabs.io` */
  readonly restUrl: string
  /** Absent where the vendor is simulated. */
  readonly apiKey?: string | undefined
}

interface Asked {
  readonly operation: VendorOperation
  /** Below `/v1/convai/`, each part encoded. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** A long call's transcript with all its metrics has some hundred KiB. */
const MAX_JSON_BYTES = 4 * 1024 * 1024
/** Three hours at 128 kbit/s. */
const MAX_AUDIO_BYTES = 176 * 1024 * 1024
const JSON_TIMEOUT_MS = 15_000
const AUDIO_TIMEOUT_MS = 120_000
/** Longer is not waited for, whatever the vendor says. */
const MAX_RETRY_AFTER_SECONDS = 600

export class VendorRest {
  readonly #options: VendorRestOptions
  readonly #metrics: Pick<Metrics, 'add' | 'observe'>

  constructor(metrics: Pick<Metrics, 'add' | 'observe'>, options: VendorRestOptions) {
    this.#options = options
    this.#metrics = metrics
  }

  /** What is not JSON is refused; decoding it is the caller's. */
  json(asked: Asked): Promise<VendorAnswer<unknown>> {
    return this.#ask(asked, JSON_TIMEOUT_MS, async (response) => {
      const text = (await bytesOf(response, MAX_JSON_BYTES)).toString()
      try {
        return { kind: 'ok', value: JSON.parse(text) as unknown }
      } catch {
        return { kind: 'refused', why: 'it answered with something that is not JSON' }
      }
    })
  }

  /** The answer's bytes, written to a file that is not there yet; whoever asked deletes it. */
  file(asked: Asked, path: string): Promise<VendorAnswer<{ readonly bytes: number }>> {
    return this.#ask(asked, AUDIO_TIMEOUT_MS, async (response) => {
      let bytes = 0
      const counted = async function* (source: AsyncIterable<Buffer>) {
        for await (const piece of source) {
          bytes += piece.length
          if (bytes > MAX_AUDIO_BYTES) throw new TooLarge()
          yield piece
        }
      }
      const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
      await pipeline(body, counted, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
      return { kind: 'ok', value: { bytes } }
    })
  }

  async #ask<T>(
    asked: Asked,
    timeoutMs: number,
    read: (response: Response) => Promise<VendorAnswer<T>>,
  ): Promise<VendorAnswer<T>> {
    const ended = vendorRequestBegun(this.#metrics, 'elevenlabs', asked.operation)
    const answer = await this.#answer(asked, timeoutMs, read)
    ended(answer.kind === 'unknown' ? 'missing' : answer.kind)
    return answer
  }

  async #answer<T>(
    { path, query = {}, signal }: Asked,
    timeoutMs: number,
    read: (response: Response) => Promise<VendorAnswer<T>>,
  ): Promise<VendorAnswer<T>> {
    const { apiKey, restUrl } = this.#options
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(addressOf(restUrl, path, query), {
        headers: { accept: '*/*', ...(apiKey === undefined ? {} : { 'xi-api-key': apiKey }) },
        // The key is for this host alone.
        redirect: 'error',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      })
      if (response.ok) return await read(response)
      await response.body?.cancel()
      return refusalOf(response)
    } catch (error) {
      if (error instanceof TooLarge) return { kind: 'refused', why: 'its answer is too large' }
      const why = timeout.aborted
        ? 'it did not answer in time'
        : `no answer (${connectionFaultOf(error)})`
      return { kind: 'failed', why, retryAfter: null }
    }
  }
}

class TooLarge extends Error {}

function addressOf(
  restUrl: string,
  path: readonly string[],
  query: Readonly<Record<string, string>>,
): URL {
  const url = new URL(restUrl)
  const below = ['v1', 'convai', ...path].map(encodeURIComponent).join('/')
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${below}`
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

async function bytesOf(response: Response, most: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  const body = (response.body ?? []) as AsyncIterable<Uint8Array>
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > most) throw new TooLarge()
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Slow, in conflict with what it is still doing, too early, too much. */
const NOT_NOW: ReadonlySet<number> = new Set([408, 409, 425, 429])

function refusalOf(response: Response): VendorAnswer<never> {
  const { status, headers } = response
  const answered = `it answered ${status}`
  if (status === 404) return { kind: 'unknown' }
  if (NOT_NOW.has(status) || status >= 500) {
    const seconds = Number(headers.get('retry-after') ?? NaN)
    const isTold = Number.isFinite(seconds) && seconds >= 0
    const retryAfter = isTold ? ms(Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000) : null
    return { kind: 'failed', why: answered, retryAfter }
  }
  const isKey = status === 401 || status === 403
  return { kind: 'refused', why: isKey ? `${answered}: the key may not do this` : answered }
}
