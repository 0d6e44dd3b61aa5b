// Requests of Twilio to us: signed over the URL as we gave it, repeated where the rule says so, redirects followed, each
// attempt written down.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochMs } from '#core/contracts'
import { HttpExchanges, type ExchangeResult } from './http-exchange.ts'
import type { RetryReason, RetryRule } from './options.ts'
import type { WebhookKind, WebhookRecord } from './records.ts'
import { signatureOf, type FormParams } from './signature.ts'
import type { HttpMethod } from './twiml-verbs.ts'

export interface Webhook {
  readonly callSid: string
  readonly kind: WebhookKind
  readonly url: string
  readonly method: HttpMethod
  readonly params: FormParams
  /** Signed by somebody who does not know the token. */
  readonly forged?: boolean
  readonly idempotencyToken?: string
}

export interface WebhookAnswer {
  /** 0: there was none. */
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
  /** After redirects: what relative URLs in it are relative to. */
  readonly url: string
  readonly why: RetryReason | null
}

export interface WebhookClientOptions {
  readonly now: () => EpochMs
  readonly authToken: () => string
  readonly reach: (origin: string) => string
  readonly timeoutMs: number
  readonly retry: RetryRule
  /** Told of each attempt as it begins. */
  readonly onSent: (record: WebhookRecord) => void
}

const MOST_REDIRECTS = 5
const RETRY_WAIT_MS = 20

export class WebhookClient {
  readonly #options: WebhookClientOptions
  readonly #exchanges: HttpExchanges
  #closed = false

  constructor(options: WebhookClientOptions) {
    this.#options = options
    this.#exchanges = new HttpExchanges(options.reach)
  }

  async send(webhook: Webhook): Promise<WebhookAnswer> {
    const token = webhook.idempotencyToken ?? randomUUID()
    const rule = ruleOf(webhook.url, this.#options.retry)
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#once(webhook, token, attempt)
      const isRepeated = answer.why !== null && rule.on.includes(answer.why)
      if (!isRepeated || attempt > rule.times || this.#closed) return answer
      await sleep(rule.waitMs ?? RETRY_WAIT_MS)
    }
  }

  close(): void {
    this.#closed = true
    this.#exchanges.close()
  }

  async #once(webhook: Webhook, token: string, attempt: number): Promise<WebhookAnswer> {
    let { url, method } = webhook
    for (let redirects = 0; ; redirects += 1) {
      const { result, record } = await this.#exchange({ ...webhook, url, method }, token, attempt)
      const answer = answerOf(result, record.url)
      const location = result.kind === 'answered' ? result.headers.location : undefined
      const isRedirect = answer.status >= 300 && answer.status < 400 && location !== undefined
      if (!isRedirect || redirects >= MOST_REDIRECTS) return answer
      url = new URL(location, answer.url).href
      if (answer.status !== 307 && answer.status !== 308) method = 'GET'
    }
  }

  async #exchange(
    webhook: Webhook,
    token: string,
    attempt: number,
  ): Promise<{ result: ExchangeResult; record: WebhookRecord }> {
    const { method, params } = webhook
    const isPost = method === 'POST'
    const form = new URLSearchParams(params.map(([name, value]): [string, string] => [name, value]))
    const whole = webhook.url.replace(/#.*$/s, '')
    const url = isPost || params.length === 0 ? whole : withQuery(whole, form)
    const key = webhook.forged === true ? 'not-the-token' : this.#options.authToken()
    const signature = signatureOf(key, url, isPost ? params : [])
    const record: WebhookRecord = {
      at: this.#options.now(),
      callSid: webhook.callSid,
      kind: webhook.kind,
      method,
      url,
      params: Object.fromEntries(params),
      signature,
      forged: webhook.forged === true,
      idempotencyToken: token,
      attempt,
      status: null,
      answeredAt: null,
      body: '',
    }
    this.#options.onSent(record)
    const result = await this.#exchanges.send({
      method,
      url,
      body: isPost ? form.toString() : '',
      timeoutMs: this.#options.timeoutMs,
      headers: {
        accept: '*/*',
        'user-agent': 'TwilioProxy/1.1',
        'i-twilio-idempotency-token': token,
        'x-twilio-signature': signature,
        ...(isPost ? { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' } : {}),
      },
    })
    record.status = result.kind === 'answered' ? result.status : 0
    record.answeredAt = this.#options.now()
    if (webhook.kind !== 'media' && result.kind === 'answered') record.body = result.body.toString()
    return { result, record }
  }
}

const withQuery = (url: string, form: URLSearchParams): string =>
  `${url}${url.includes('?') ? '&' : '?'}${form.toString()}`

function answerOf(result: ExchangeResult, url: string): WebhookAnswer {
  if (result.kind === 'failed')
    return { status: 0, contentType: '', body: Buffer.alloc(0), url, why: result.why }
  const { status, headers, body } = result
  const why = status >= 500 ? '5xx' : status >= 400 ? '4xx' : null
  return { status, contentType: headers['content-type'] ?? '', body, url, why }
}

/** Connection overrides: `#rc=3&rp=5xx,ct,rt` (twilio.com/docs/usage/webhooks/webhooks-connection-overrides). */
function ruleOf(url: string, otherwise: RetryRule): RetryRule {
  const overrides = new URLSearchParams(/#(.*)$/s.exec(url)?.[1] ?? '')
  const count = overrides.get('rc')
  if (count === null) return otherwise
  const asked = (overrides.get('rp') ?? 'ct').split(',')
  const reasons: Readonly<Record<string, readonly RetryReason[]>> = {
    ct: ['connect'],
    rt: ['timeout'],
    '4xx': ['4xx'],
    '5xx': ['5xx'],
    all: ['connect', 'timeout', '4xx', '5xx'],
  }
  const on = asked.flatMap((name) => reasons[name] ?? [])
  return { times: Math.min(5, Number(count) || 0), on, waitMs: otherwise.waitMs ?? RETRY_WAIT_MS }
}
