// Requests to a provider by fetch, each sent once: timed, counted, read with a limit, and what it refuses told in words
// that may be shown. Nothing that fetch throws is kept: it may quote headers and addresses.
import { type Metrics, vendorRequestBegun, type VendorResult } from '#core/telemetry'
import type { Clock } from '#core/time'
import { retryAfterOf, textOf } from '../../../vendor-answers/answer-body.ts'
import type { AnimationProviderName } from '../../animation/animation.ts'
import { ProviderFailure, type ProviderFailureKind } from '../animation-provider.ts'
import { fieldsIn, isFields, type Fields } from './answer-fields.ts'
import { faultIn } from './connection-fault.ts'
import { cleanWords, sentenceOf, type ProviderNames } from './failure-words.ts'

export interface RequestDeps {
  readonly metrics: Pick<Metrics, 'add' | 'observe'>
  readonly clock: Pick<Clock, 'now'>
}

/** As HeyGen's own client has them; its submissions take up to half a minute. */
export interface RequestTiming {
  readonly readMs: number
  readonly submitMs: number
  readonly uploadMs: number
}
const REQUEST_TIMING: RequestTiming = {
  readMs: 30_000,
  submitMs: 120_000,
  uploadMs: 600_000,
}

export type Operation =
  | 'upload_image'
  | 'upload_audio'
  | 'submit'
  | 'get_job'
  | 'list_jobs'
  | 'delete_job'
  | 'get_balance'
  | 'list_webhooks'
  | 'create_webhook'
  | 'delete_webhook'

export interface Asked {
  readonly operation: Operation
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With its query. */
  readonly path: string
  /** With the key. */
  readonly headers: Readonly<Record<string, string>>
  readonly json?: object
  readonly form?: FormData
  /** Beside 2xx: no failures. */
  readonly accepts?: readonly number[]
  /** What no error may repeat. */
  readonly hidden?: readonly string[]
  readonly signal: AbortSignal
}

export interface Answered {
  readonly status: number
  /** Empty where there was none. */
  readonly body: Fields
}

/** What it said no with. */
export interface Refusal {
  readonly kind: ProviderFailureKind
  readonly code: string | null
  readonly words: string
  /** Of a submission: it may have been taken all the same. */
  readonly isUnsettled?: boolean
  readonly retryAfterMs?: number
}

/** What is particular to a provider. */
export interface Dialect extends ProviderNames {
  readonly name: AnimationProviderName
  readonly baseUrl: string
  /** What no error may repeat: the key, in all its forms. */
  readonly secrets: readonly string[]
  /** Of an answer that is none of 2xx. */
  refusalOf(status: number, body: Fields, operation: Operation): Refusal
}

/** A hundred jobs with presigned addresses have some hundred KiB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const NOT_ITS_API = 'an answer that is none of its API'

export class ProviderRequests {
  readonly #deps: RequestDeps
  readonly #dialect: Dialect
  readonly #timing: RequestTiming

  constructor(deps: RequestDeps, dialect: Dialect, timing: Partial<RequestTiming> = {}) {
    this.#deps = deps
    this.#dialect = dialect
    this.#timing = { ...REQUEST_TIMING, ...timing }
  }

  /** @throws ProviderFailure */
  async send(asked: Asked): Promise<Answered> {
    const ended = vendorRequestBegun(this.#deps.metrics, this.#dialect.name, asked.operation)
    let result: VendorResult = 'ok'
    try {
      return await this.#attempt(asked)
    } catch (error) {
      result = resultOf(error)
      throw error
    } finally {
      ended(result)
    }
  }

  /** A failure in the words of the provider. */
  failure(
    { kind, code, words, ...more }: Refusal,
    hidden: readonly string[] = [],
  ): ProviderFailure {
    const clean = cleanWords(words, [...this.#dialect.secrets, ...hidden])
    const isClean =
      code !== null &&
      /^[\w.-]{1,80}$/.test(code) &&
      cleanWords(code, this.#dialect.secrets) === code
    return new ProviderFailure(kind, sentenceOf(this.#dialect, kind, clean), {
      ...more,
      code: isClean ? code : null,
    })
  }

  /** Of an answer that lacks what was asked for. */
  unreadable(operation: Operation): ProviderFailure {
    const isUnsettled = operation === 'submit'
    const words = `${NOT_ITS_API}: check ${this.#dialect.addressVariable}`
    return this.failure({ kind: 'transient', code: null, words, isUnsettled })
  }

  async #attempt(asked: Asked): Promise<Answered> {
    const { operation, accepts = [], hidden } = asked
    const timeout = AbortSignal.timeout(this.#limitOf(operation))
    const within = AbortSignal.any([asked.signal, timeout])
    const { response, text } = await this.#exchange(asked, within).catch((error: unknown) => {
      const why = asked.signal.aborted ? 'aborted' : timeout.aborted ? 'timeout' : undefined
      throw this.#fault(error, operation, why)
    })
    const { status } = response
    const parsed = parse(text)
    if (response.ok || accepts.includes(status)) {
      // Of what is not there, or is refused, nothing is read.
      if (response.ok && parsed === undefined) throw this.unreadable(operation)
      return { status, body: fieldsIn(parsed) }
    }
    const refusal = this.#dialect.refusalOf(status, fieldsIn(parsed), operation)
    const retryAfterMs = retryAfterOf(response.headers, this.#deps.clock.now()) ?? undefined
    const isUnsettled =
      operation === 'submit' && (refusal.isUnsettled === true || mayBeTaken(status))
    throw this.failure(
      { ...refusal, isUnsettled, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
      hidden,
    )
  }

  async #exchange(
    { method, path, headers, json, form }: Asked,
    signal: AbortSignal,
  ): Promise<{ readonly response: Response; readonly text: string }> {
    const dialect = this.#dialect
    const body = json === undefined ? form : JSON.stringify(json)
    const response = await fetch(dialect.baseUrl.replace(/\/+$/, '') + path, {
      method,
      headers: {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      // The key is for this host alone.
      redirect: 'manual',
      signal,
    })
    return { response, text: await textOf(response, MAX_ANSWER_BYTES) }
  }

  #fault(
    error: unknown,
    operation: Operation,
    why: Parameters<typeof faultIn>[1],
  ): ProviderFailure {
    const { isSent, ...fault } = faultIn(error, why)
    return this.failure({ ...fault, code: null, isUnsettled: operation === 'submit' && isSent })
  }

  #limitOf(operation: Operation): number {
    const { readMs, submitMs, uploadMs } = this.#timing
    if (operation === 'submit') return submitMs
    return operation === 'upload_image' || operation === 'upload_audio' ? uploadMs : readMs
  }
}

/** Whoever broke while answering, or waited too long behind its gate, may have done it. */
const mayBeTaken = (status: number): boolean => status >= 500 || status === 408

function resultOf(error: unknown): VendorResult {
  if (!(error instanceof ProviderFailure)) return 'failed'
  if (error.isUnsettled) return 'unknown'
  return error.isPassing ? 'failed' : 'refused'
}

/** Undefined: it is no object of JSON. */
function parse(text: string): Fields | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined // A page for humans, or half an answer: the status says what it is.
  }
}
