// Webhooks of a simulated vendor to us: each attempt written down, repeated with growing waits as often as told.
import { setTimeout as sleep } from 'node:timers/promises'

export interface WebhookRecord {
  /** Epoch milliseconds. */
  readonly at: number
  readonly jobId: string | null
  readonly method: 'POST' | 'OPTIONS'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isForged: boolean
  /** Counted from 1. */
  readonly attempt: number
  /** 0: no answer, or none yet. */
  status: number
  answer: string
}

export interface OutgoingWebhook {
  readonly jobId: string | null
  readonly method?: 'POST' | 'OPTIONS' | undefined
  readonly url: string
  /** Made anew for each attempt: it may carry the time. */
  readonly headers: () => Readonly<Record<string, string>>
  readonly body: string
  readonly isForged?: boolean | undefined
  /** Never repeated. Default false. */
  readonly isOnce?: boolean | undefined
}

export interface WebhookSenderOptions {
  readonly now: () => number
  /** Where a URL is found in truth. */
  readonly reach: (url: string) => string
  readonly timeoutMs: number
  /** Before each further attempt; none: one attempt. */
  readonly retryMs: readonly number[]
}

const MOST_RECORDS = 20_000
const MOST_ANSWER_BYTES = 2000

export class WebhookSender {
  readonly records: WebhookRecord[] = []
  readonly #options: WebhookSenderOptions
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(options: WebhookSenderOptions) {
    this.#options = options
  }

  /** @returns the last status, when it was taken or all attempts are over */
  send(webhook: OutgoingWebhook): Promise<number> {
    const sent = this.#send(webhook)
    this.#underWay.add(sent)
    void sent.finally(() => this.#underWay.delete(sent))
    return sent
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#underWay)
  }

  async #send(webhook: OutgoingWebhook): Promise<number> {
    const { retryMs } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      const status = await this.#once(webhook, attempt)
      const waitMs = webhook.isOnce === true ? undefined : retryMs[attempt - 1]
      const isTaken = status >= 200 && status < 300
      if (isTaken || waitMs === undefined) return status
      const { signal } = this.#closing
      // Rejects when all is closed: then there are no further attempts.
      const isAwake = await sleep(waitMs, true, { signal }).catch(() => false)
      if (!isAwake) return status
    }
  }

  async #once(webhook: OutgoingWebhook, attempt: number): Promise<number> {
    const { jobId, url, body, isForged = false, method = 'POST' } = webhook
    const { now, reach, timeoutMs } = this.#options
    const headers = { 'content-type': 'application/json', ...webhook.headers() }
    const record: WebhookRecord = {
      ...{ at: now(), jobId, method, url, headers, body, isForged, attempt },
      status: 0,
      answer: '',
    }
    this.records.push(record)
    if (this.records.length > MOST_RECORDS) this.records.shift()
    try {
      const response = await fetch(reach(url), {
        method,
        // A kept connection would keep whoever closes waiting.
        headers: { ...headers, connection: 'close' },
        body: method === 'POST' ? body : null,
        redirect: 'manual',
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
      })
      record.answer = await beginningOf(response)
      record.status = response.status
    } catch {
      record.status = 0 // No answer, for whatever reason: a vendor only tries again.
    }
    return record.status
  }
}

/** Nobody needs more of an answer, and it might never end. */
async function beginningOf({ body }: Response): Promise<string> {
  const stream: AsyncIterable<Uint8Array> | null = body
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of stream ?? []) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= MOST_ANSWER_BYTES) break
  }
  return Buffer.concat(pieces).subarray(0, MOST_ANSWER_BYTES).toString('utf8')
}
