// Structured logs by pino. Personal values stand only under the key `pii`, which is redacted, as are secrets.
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'

/** What our code may do with a logger. `child` binds fields, such as the call id, to every line below it. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level'> & {
  child(bindings: Record<string, unknown>): Logger
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const REDACTED = [
  'pii',
  '*.pii',
  'authorization',
  '*.authorization',
  'headers.authorization',
  'req.headers.authorization',
  'req.headers.cookie',
  'secret',
  '*.secret',
  'api_key',
  '*.api_key',
  'apiKey',
  '*.apiKey',
  'password',
  '*.password',
  'signed_url',
  'signedUrl',
]

/** The root logger: JSON lines on stdout unless a destination is given (tests). */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** The only way to leave a promise unawaited: its rejection reaches the log with a name. */
export function inBackground(promise: Promise<unknown>, logger: Logger, what: string): void {
  promise.catch((error: unknown) => {
    logger.error({ err: error }, `${what} failed`)
  })
}
