// Log lines of a worker, written by the main thread: one destination keeps them in order.
import type { Logger } from '#core/telemetry'

interface WorkerLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly msg: string
  readonly time: string
  readonly [field: string]: unknown
}

/** @param line JSON, already redacted in the worker */
export function relayLog(logger: Logger, thread: string, line: string): void {
  const { level, msg, ...fields } = JSON.parse(line) as WorkerLogLine
  // `time` is the worker's; pino would write it a second time.
  logger[level]({ ...fields, time: undefined, thread }, msg)
}
