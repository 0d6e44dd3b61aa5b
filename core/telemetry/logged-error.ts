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
/** In all. */
const MAX_ERRORS = 20
/** More than the log keeps of a text (masked-text.ts): libraries quote what a far end sent. */
const MAX_CHARS = 16_384

/** Of whatever was thrown, and of what this function made in another thread. */
export function loggedError(thrown: unknown): LoggedError {
  try {
    return tell(thrown, 0, { left: MAX_ERRORS })
  } catch {
    // A getter or a proxy that throws: whoever logs it is about to deal with an error, and must not get another.
    return { type: typeof thrown, message: 'an error that cannot be read' }
  }
}

function tell(thrown: unknown, depth: number, room: { left: number }): LoggedError {
  room.left -= 1
  if (typeof thrown !== 'object' || thrown === null)
    return { type: typeof thrown, message: String(thrown).slice(0, MAX_CHARS) }
  const error = thrown as Readonly<Record<string, unknown>>
  const { message, code, status, stack, details, cause, errors } = error
  const isDeep = depth >= MAX_DEPTH
  return {
    type: typeOf(thrown),
    message: typeof message === 'string' ? message.slice(0, MAX_CHARS) : 'not an error',
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof stack === 'string' ? { stack: stack.slice(0, MAX_CHARS) } : {}),
    ...(details === undefined || !isOurs(thrown) ? {} : { details }),
    ...(cause === undefined || isDeep ? {} : { cause: tell(cause, depth + 1, room) }),
    ...(!Array.isArray(errors) || isDeep ? {} : { errors: tellAll(errors, depth + 1, room) }),
  }
}

const tellAll = (
  errors: readonly unknown[],
  depth: number,
  room: { left: number },
): LoggedError[] =>
  errors.slice(0, MAX_ERRORS).flatMap((one) => (room.left > 0 ? [tell(one, depth, room)] : []))

function typeOf(thrown: object): string {
  if (!(thrown instanceof Error) && 'type' in thrown && typeof thrown.type === 'string')
    return thrown.type
  return thrown instanceof Error ? thrown.constructor.name : 'object'
}

const isOurs = (thrown: object): boolean => typeOf(thrown) === 'AppError'
