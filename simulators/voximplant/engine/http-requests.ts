// Net.httpRequestAsync: real requests, three at a time, faults as the platform's own codes below zero.
import type { HttpOptions } from './sandbox/messages.ts'

/** At once; the others wait. */
const MOST_ACTIVE = 3
const LARGEST_ANSWER_BYTES = 2 * 1024 * 1024
const USER_AGENT = 'VoxEngine/1.0'

export interface HttpResult {
  readonly code: number
  readonly text?: string
  readonly error?: string
}

export interface HttpRequestsOptions {
  readonly pace: number
  readonly reach: (url: string) => string
  readonly settled: (id: number, result: HttpResult) => void
}

export class HttpRequests {
  readonly #options: HttpRequestsOptions
  readonly #active = new Map<number, AbortController>()
  #queued: { readonly id: number; readonly url: string; readonly options: HttpOptions }[] = []
  #idle: (() => void)[] = []
  made = 0

  constructor(options: HttpRequestsOptions) {
    this.#options = options
  }

  request(id: number, url: string, options: HttpOptions): void {
    this.#queued.push({ id, url, options })
    this.#next()
  }

  /** Silently, as the platform does when a session ends. */
  dropQueued(): void {
    this.#queued = []
  }

  /** Resolves when none is active. */
  idle(): Promise<void> {
    if (this.#active.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  close(): void {
    this.dropQueued()
    for (const controller of this.#active.values()) controller.abort()
  }

  #next(): void {
    if (this.#active.size >= MOST_ACTIVE) return
    const first = this.#queued.shift()
    if (first === undefined) return
    const controller = new AbortController()
    this.#active.set(first.id, controller)
    this.made += 1
    void this.#fetch(first.url, first.options, controller.signal).then((result) => {
      this.#active.delete(first.id)
      this.#options.settled(first.id, result)
      this.#next()
      if (this.#active.size > 0) return
      for (const tell of this.#idle.splice(0)) tell()
    })
  }

  async #fetch(url: string, options: HttpOptions, gone: AbortSignal): Promise<HttpResult> {
    const target = URL.parse(this.#options.reach(url))
    if (target === null) return { code: -2, error: 'Malformed URL' }
    const { method, postData, headers, timeoutSeconds } = options
    const late = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000 * this.#options.pace))
    try {
      const response = await fetch(target, {
        method,
        headers: { 'User-Agent': USER_AGENT, ...headers },
        ...(method === 'GET' || method === 'HEAD' ? {} : { body: postData ?? '' }),
        signal: AbortSignal.any([late, gone]),
      })
      const body = Buffer.from(await response.arrayBuffer())
      if (body.length > LARGEST_ANSWER_BYTES) return { code: -9, error: 'The answer is too large' }
      return { code: response.status, text: body.toString() }
    } catch (error) {
      return late.aborted ? { code: -7, error: 'Timeout' } : faultOf(error)
    }
  }
}

const CODES: Readonly<Record<string, number>> = {
  ENOTFOUND: -3,
  EAI_AGAIN: -3,
  ECONNREFUSED: -4,
  EHOSTUNREACH: -4,
  UND_ERR_CONNECT_TIMEOUT: -4,
}

function faultOf(error: unknown): HttpResult {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (cause instanceof Error && /redirect/.test(cause.message)) {
    return { code: -5, error: 'Too many redirects' }
  }
  return { code: CODES[code] ?? -6, error: code === '' ? 'Network error' : code }
}
