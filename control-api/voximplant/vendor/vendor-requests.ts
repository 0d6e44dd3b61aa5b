// Requests to one account of Voximplant: paced, signed, counted; what does no harm twice is asked again while that may help.
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#core/errors'
import { type Metrics, vendorRequestBegun } from '#core/telemetry'
import { backOffAfter, type Clock } from '#core/time'
import type { MayAsk } from './vendor-hosts.ts'
import { RequestPace } from './request-pace.ts'
import { createServiceTokens, type ServiceTokens } from './service-token.ts'
import type { VendorAccess, VendorAnswer } from './vendor-answer.ts'
import {
  AnswerTooLarge,
  parsedJson,
  retryAfterOf,
  textOf,
} from '../../vendor-answers/answer-body.ts'
import {
  attemptOf,
  attemptOfFault,
  errorIn,
  passing,
  refused,
  type Attempt,
} from './vendor-attempt.ts'
import { isFields, type Fields } from '../../vendor-answers/answer-fields.ts'
import { failureOf } from './vendor-refusals.ts'

export interface RestDeps {
  readonly metrics: Pick<Metrics, 'add' | 'observe'>
  readonly clock: Pick<Clock, 'now'>
}

export interface RestTiming {
  /** Of one request, and of all repetitions together. */
  readonly requestMs: number
  readonly totalMs: number
  readonly downloadMs: number
  readonly backOff: { readonly firstMs: number; readonly maxMs: number }
  readonly perSecond: number
  /** For one's turn. */
  readonly maxWaitMs: number
}

/** The vendor publishes no limits; ten a second of one account were never refused where it was told of. */
const REST_TIMING: RestTiming = {
  requestMs: 30_000,
  totalMs: 60_000,
  downloadMs: 120_000,
  backOff: { firstMs: 500, maxMs: 10_000 },
  perSecond: 10,
  maxWaitMs: 10_000,
}

export interface RestConfig {
  /** `https://api.voximplant.com` */
  readonly baseUrl: string
  readonly access: VendorAccess
  /** Where a host that is none of the vendor's is asked for a recording; none unless told. */
  readonly mayAsk?: MayAsk | undefined
  /** Other than REST_TIMING, in tests. */
  readonly timing?: Partial<RestTiming> | undefined
}

export type Params = Readonly<Record<string, string | number | boolean | undefined>>

interface Work<T> {
  /** Label of metrics. */
  readonly operation: string
  /** Asked again when it fails. */
  readonly isRead: boolean
  /** It goes before all that wait. */
  readonly isUrgent?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs: number
  readonly attempt: (signal: AbortSignal) => Promise<Attempt<T>>
}

/** A thousand sessions with all that hangs on them have some megabytes. */
const MAX_JSON_BYTES = 24 * 1024 * 1024
/** What is left must be worth a request. */
const LEAST_MS = 200

export class VendorRequests {
  readonly timing: RestTiming
  readonly #deps: RestDeps
  readonly #config: RestConfig
  readonly #tokens: ServiceTokens | undefined
  readonly #pace: RequestPace

  constructor(deps: RestDeps, config: RestConfig) {
    const { vendorAccountId, credential } = config.access
    this.#deps = deps
    this.#config = config
    this.timing = { ...REST_TIMING, ...config.timing }
    this.#pace = new RequestPace(this.timing)
    if (credential.kind === 'service_account')
      this.#tokens = createServiceTokens(deps.clock, vendorAccountId, credential.key)
  }

  /** What changes nothing. */
  read(command: string, params: Params, signal?: AbortSignal): Promise<VendorAnswer<Fields>> {
    return this.#command({ command, params, isRead: true, signal })
  }

  /** Sent once, whatever comes of it. */
  write(command: string, params: Params): Promise<VendorAnswer<Fields>> {
    return this.#command({ command, params, isRead: false })
  }

  /** The same, before all that wait: somebody wants to be called now. */
  writeFirst(command: string, params: Params): Promise<VendorAnswer<Fields>> {
    return this.#command({ command, params, isRead: false, isUrgent: true })
  }

  /** Of anything that changes nothing, by whoever sends it. */
  repeat<T>(work: Omit<Work<T>, 'isRead'>): Promise<VendorAnswer<T>> {
    return this.#run({ ...work, isRead: true })
  }

  /** For a header of a request to the vendor; empty with a legacy key, which stands in the parameters. */
  authorization(): Record<string, string> {
    return this.#tokens === undefined ? {} : { authorization: `Bearer ${this.#tokens.current()}` }
  }

  keyParams(): Record<string, string> {
    const { credential, vendorAccountId } = this.#config.access
    return credential.kind === 'api_key'
      ? { account_id: vendorAccountId, api_key: credential.apiKey }
      : {}
  }

  retryAfterOf(response: Response): number | null {
    return retryAfterOf(response.headers, this.#deps.clock.now())
  }

  #command(asked: {
    readonly command: string
    readonly params: Params
    readonly isRead: boolean
    readonly isUrgent?: boolean
    readonly signal?: AbortSignal | undefined
  }): Promise<VendorAnswer<Fields>> {
    const { command, params, isRead, isUrgent, signal } = asked
    return this.#run({
      operation: command,
      isRead,
      isUrgent,
      signal,
      timeoutMs: this.timing.requestMs,
      attempt: (within) => this.#send(command, params, within),
    })
  }

  async #send(command: string, params: Params, signal: AbortSignal): Promise<Attempt<Fields>> {
    const base = this.#config.baseUrl.replace(/\/+$/, '')
    const response = await fetch(`${base}/platform_api/${command}`, {
      method: 'POST',
      headers: { accept: 'application/json', ...this.authorization() },
      body: formOf({ ...this.keyParams(), ...params }),
      // The key is for this host alone.
      redirect: 'manual',
      signal,
    })
    const body = parsedJson(await textOf(response, MAX_JSON_BYTES))
    const retryAfterMs = this.retryAfterOf(response)
    const error = errorIn(body, retryAfterMs)
    if (error !== undefined) return error
    if (!response.ok) return attemptOf(response.status, retryAfterMs)
    if (isFields(body) && 'result' in body) return { kind: 'ok', value: body }
    return passing('broken', failureOf('answered with something that is no answer of its API'))
  }

  async #run<T>(work: Work<T>): Promise<VendorAnswer<T>> {
    const { totalMs, backOff } = this.timing
    const deadline = performance.now() + Math.max(totalMs, work.timeoutMs)
    let hasFreshToken = false
    for (let failures = 1; ; failures += 1) {
      const attempt = await this.#counted(work, deadline - performance.now())
      if ('isTokenOver' in attempt && !hasFreshToken) {
        hasFreshToken = true
        this.#tokens?.forget()
        continue
      }
      const isWorthMore = attempt.kind === 'not-now' || attempt.kind === 'broken'
      if (!work.isRead || !isWorthMore || work.signal?.aborted === true)
        return answerOf(attempt, work.isRead)
      const waitMs = Math.max(
        backOffAfter(failures, backOff, Math.random),
        attempt.retryAfterMs ?? 0,
      )
      if (performance.now() + waitMs + LEAST_MS > deadline) return answerOf(attempt, true)
      const isUp = await sleep(waitMs, true, work.signal ? { signal: work.signal } : {}).catch(
        () => false,
      )
      if (!isUp) return answerOf(attempt, true)
    }
  }

  async #counted<T>(work: Work<T>, leftMs: number): Promise<Attempt<T>> {
    const { metrics } = this.#deps
    const timeout = AbortSignal.timeout(Math.ceil(Math.min(work.timeoutMs, Math.max(leftMs, 1))))
    const signal = work.signal ? AbortSignal.any([work.signal, timeout]) : timeout
    if (!(await this.#pace.turn(signal, { isUrgent: work.isUrgent })))
      return passing('not-now', failureOf('is asked too much by this node: too many requests wait'))
    const ended = vendorRequestBegun(metrics, 'voximplant', work.operation)
    const attempt = await work.attempt(signal).catch((error: unknown) => faultOf(error, timeout))
    ended(answerOf(attempt, work.isRead).kind)
    return attempt
  }
}

function faultOf(error: unknown, timeout: AbortSignal): Attempt<never> {
  if (error instanceof AnswerTooLarge) return refused(failureOf('answered with too much'))
  if (error instanceof AppError) return refused(error)
  return attemptOfFault(error, timeout.aborted)
}

/** What failed of something that is not asked twice, and may have arrived, is unknown. */
const failedOr = (kind: 'not-now' | 'broken', isRead: boolean): 'failed' | 'unknown' =>
  kind === 'not-now' || isRead ? 'failed' : 'unknown'

function answerOf<T>(attempt: Attempt<T>, isRead: boolean): VendorAnswer<T> {
  switch (attempt.kind) {
    case 'ok':
      return attempt
    case 'refused':
      return { kind: 'refused', code: attempt.code, error: attempt.error }
    case 'not-now':
    case 'broken':
      return { kind: failedOr(attempt.kind, isRead), error: attempt.error }
    default:
      return attempt satisfies never
  }
}

function formOf(params: Params): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(params))
    if (value !== undefined) form.set(name, String(value))
  return form
}
