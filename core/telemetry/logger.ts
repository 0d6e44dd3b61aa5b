// Structured logs by pino. Personal values stand only under the key `pii`, which is redacted, as are secrets.
import { pino, type DestinationStream, type Logger as PinoLogger, type LoggerOptions } from 'pino'
import { loggedError } from './logged-error.ts'
import { createLogThreshold, type LogLevel, type LogThreshold } from './log-threshold.ts'
import { maskedJson } from './masked-text.ts'
import { openStandardOutput } from './standard-output.ts'

/** What our code may do with a logger. `child` binds fields, such as the call id, to every line below it. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger
}

export type RootLogger = Logger & {
  /** Of all its children too. */
  readonly threshold: LogThreshold
}

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>

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
  from: LogLevel | LogThreshold,
  destination: DestinationStream = openStandardOutput(),
): RootLogger {
  const threshold = typeof from === 'string' ? createLogThreshold(from) : from
  const options = {
    // A child of pino keeps the level it was born with, so all take everything, and the threshold decides.
    level: 'debug',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => loggedError(error) },
    // Whatever slipped into a text, of ours or of a library's error, is masked in the finished line.
    hooks: { streamWrite: maskedJson, logMethod: passing(threshold) },
  }
  return Object.assign(pino(options, destination), { threshold })
}

const passing = (threshold: LogThreshold): LogMethod =>
  function (args, write, rank) {
    if (threshold.passes(rank)) write.apply(this, args)
  }

/**
 * The only way to leave a promise unawaited: its rejection reaches the log with a name.
 * @param about what the logger does not say yet, such as the call
 */
export function inBackground(
  promise: Promise<unknown>,
  logger: Logger,
  what: string,
  about: Readonly<Record<string, unknown>> = {},
): void {
  promise.catch((error: unknown) => {
    logger.error({ ...about, err: error }, `${what} failed`)
  })
}
