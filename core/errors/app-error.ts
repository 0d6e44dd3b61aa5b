// The one error class of ours: a code from the registry, and details that may be shown.
import { ERROR_REGISTRY, type ErrorCode } from './error-registry.ts'

export interface AppErrorOptions {
  readonly cause?: unknown
  /** Shown to whoever asked: no personal data, no secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean>>
  readonly retryAfterSeconds?: number
}

/** Thrown where a function cannot do what its signature promises. Match on `code`, never on the text. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, string | number | boolean>>
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.retryable = ERROR_REGISTRY[code].retryable
    this.details = options.details ?? {}
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** The code of an error of ours, else undefined. Works across module copies and thread borders. */
export function codeOf(error: unknown): ErrorCode | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  const { code } = error
  return typeof code === 'string' && code in ERROR_REGISTRY ? (code as ErrorCode) : undefined
}

/** What an unknown thrown value says, for a log line. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
