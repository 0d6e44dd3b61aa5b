// The level of the log while it runs: changed for a time and then back to what LOG_LEVEL says by itself, so that nobody
// forgets `debug`. Of this process; the next start knows nothing of it.
import { epochMs, type EpochMs, type Milliseconds } from '../contracts/index.ts'
import type { RootLogger } from './logger.ts'
import { LOG_LEVELS, type LogLevel } from './log-threshold.ts'

export interface LogLevelState {
  readonly level: LogLevel
  /** Of LOG_LEVEL. */
  readonly configured: LogLevel
  /** When it goes back to that; null: it is that. */
  readonly until: EpochMs | null
}

export interface LogLevelSwitch {
  state(): LogLevelState
  /** Replaces a change before. The configured level is taken for good. */
  change(level: LogLevel, lasts: Milliseconds): LogLevelState
}

export function createLogLevelSwitch(
  logger: RootLogger,
  clock: { now(): EpochMs },
): LogLevelSwitch {
  const { threshold } = logger
  const configured = threshold.level
  let until: EpochMs | null = null
  let timer: NodeJS.Timeout | undefined
  const state = (): LogLevelState => ({ level: threshold.level, configured, until })
  const take = (level: LogLevel): void => {
    const was = threshold.level
    // Said under whichever lets more through: who makes the log quieter is to be seen in it, too.
    const isQuieter = LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(was)
    if (!isQuieter) threshold.level = level
    const line = { was, is: level, until: until === null ? null : new Date(until).toISOString() }
    // As a warning: every level between which one chooses shows it.
    if (was !== level) logger.warn(line, 'the level of the log was changed')
    threshold.level = level
  }
  const change: LogLevelSwitch['change'] = (level, lasts) => {
    clearTimeout(timer)
    until = level === configured ? null : epochMs(clock.now() + lasts)
    if (until !== null) {
      timer = setTimeout(() => {
        until = null
        take(configured)
      }, lasts).unref()
    }
    take(level)
    return state()
  }
  return { state, change }
}
