// What a log line tells of an error: what it is, says, and comes from. Nothing else of it: libraries hang requests,
// URLs, inputs and whole messages on theirs.

interface LoggedError {
  readonly type: string
  readonly message: string
  readonly code?: string | number
  readonly status?: number
  readonly stack?: string
  /** Of ours (AppError): may be shown. */
  readonly details?: unknown
  readonly cause?: LoggedError
  readonly errors?: readonly LoggedError[]
}

/** Causes of causes, and errors of errors. */
const MAX_DEPTH = 5
const MAX_ERRORS = 10

/** Of whatever was thrown, and of what this function made in another thread. */
export function loggedError(thrown: unknown, depth = 0): LoggedError {
  if (typeof thrown !== 'object' || thrown === null)
    return { type: typeof thrown, message: String(thrown) }
  const error = thrown as Readonly<Record<string, unknown>>
  const { message, code, status, stack, details, cause, errors } = error
  const isDeep = depth >= MAX_DEPTH
  return {
    type: typeOf(thrown),
    message: typeof message === 'string' ? message : 'not an error',
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(details === undefined || !isOurs(thrown) ? {} : { details }),
    ...(cause === undefined || isDeep ? {} : { cause: loggedError(cause, depth + 1) }),
    ...(!Array.isArray(errors) || isDeep
      ? {}
      : { errors: errors.slice(0, MAX_ERRORS).map((one) => loggedError(one, depth + 1)) }),
  }
}

function typeOf(thrown: object): string {
  if (!(thrown instanceof Error) && 'type' in thrown && typeof thrown.type === 'string')
    return thrown.type
  return thrown instanceof Error ? thrown.constructor.name : 'object'
}

const isOurs = (thrown: object): boolean => typeOf(thrown) === 'AppError'
