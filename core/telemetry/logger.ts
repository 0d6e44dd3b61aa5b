// Structured logs by pino. Personal values stand only under the key `pii`, which is redacted, as are secrets.
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'
import { loggedError } from './logged-error.ts'
import { maskedJson } from './masked-text.ts'
import { openStandardOutput } from './standard-output.ts'

/** What our code may do with a logger. `child` binds fields, such as the call id, to every line below it. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level'> & {
  child(bindings: Record<string, unknown>): Logger
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Keys whose values are never written, at the top of a line and up to two levels below. */
const REDACTED_KEYS = [
  'pii',
  'authorization',
  'cookie',
  'secret',
  'password',
  'token',
  'api_key',
  'apiKey',
  'signed_url',
  'signedUrl',
] as const
const REDACTED = ['', '*.', '*.*.'].flatMap((above) => REDACTED_KEYS.map((key) => above + key))

/** The root logger: JSON lines on stdout unless a destination is given (tests). */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream = openStandardOutput(),
): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => loggedError(error) },
    // Whatever slipped into a text, of ours or of a library's error, is masked in the finished line.
    hooks: { streamWrite: maskedJson },
  }
  return pino(options, destination)
}

/** The only way to leave a promise unawaited: its rejection reaches the log with a name. */
export function inBackground(promise: Promise<unknown>, logger: Logger, what: string): void {
  promise.catch((error: unknown) => {
    logger.error({ err: error }, `${what} failed`)
  })
}
