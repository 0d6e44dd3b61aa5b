// The level of the log while it runs: every logger and every thread follows at once, and it goes back by itself.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import {
  CHOSEN_LOG_LEVELS,
  createLogger,
  createLogLevelSwitch,
  createLogThreshold,
  LOG_LEVELS,
  logThresholdOf,
  type LogLevel,
} from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'

const HOUR = ms(3_600_000)

function openLog(level: LogLevel) {
  const lines: string[] = []
  const logger = createLogger(level, { write: (line) => void lines.push(line) })
  const logLevel = createLogLevelSwitch(logger, createClock())
  const messages = (): string[] =>
    lines.splice(0).map((line) => (JSON.parse(line) as { msg: string }).msg)
  return { logger, logLevel, messages }
}

const CHANGED = 'the level of the log was changed'

t.test('children made before follow, and another thread’s logger', (t) => {
  const { logger, logLevel, messages } = openLog('info')
  const child = logger.child({ callId: 'call_1' }).child({ leg: 'second' })
  const elsewhere: string[] = []
  const other = createLogger(logThresholdOf(logger.threshold.cell), {
    write: (line) => void elsewhere.push(line),
  })
  const say = (): void => [logger, child, other].forEach((one) => one.debug('said'))
  say()
  t.same(messages(), [])
  logLevel.change('debug', HOUR)
  say()
  t.same(messages(), [CHANGED, 'said', 'said'])
  t.equal(elsewhere.length, 1)
  logLevel.change('error', HOUR)
  child.warn('not said')
  child.error('said')
  t.same(messages(), [CHANGED, 'said'])
  logLevel.change('info', HOUR)
  say()
  t.same(messages(), [CHANGED])
  t.equal(elsewhere.length, 1)
  t.end()
})

t.test('it goes back by itself; a change in between counts from its own moment', async (t) => {
  const { logger, logLevel, messages } = openLog('warn')
  t.same(logLevel.state(), { level: 'warn', configured: 'warn', until: null })
  logLevel.change('debug', ms(50))
  const beganAt = Date.now()
  const { until } = logLevel.change('info', ms(300))
  t.ok(Math.abs((until ?? 0) - beganAt - 300) < 100, `${until}`)
  await sleep(150)
  t.match(logLevel.state(), { level: 'info', configured: 'warn', until })
  logger.info('said')
  await sleep(300)
  t.same(logLevel.state(), { level: 'warn', configured: 'warn', until: null })
  logger.info('not said')
  t.same(messages(), [CHANGED, CHANGED, 'said', CHANGED])
})

t.test('the configured level is taken for good', async (t) => {
  const { logLevel } = openLog('info')
  logLevel.change('debug', ms(50))
  t.equal(logLevel.change('info', ms(20)).until, null)
  await sleep(100)
  t.same(logLevel.state(), { level: 'info', configured: 'info', until: null })
})

t.test('every change is in the log, also one that makes it quieter', (t) => {
  for (const was of LOG_LEVELS) {
    for (const is of CHOSEN_LOG_LEVELS) {
      const { logLevel, messages } = openLog(was)
      logLevel.change(is, HOUR)
      logLevel.change(was, HOUR)
      t.same(messages(), was === is ? [] : [CHANGED, CHANGED], `${was}, ${is} and back`)
      t.equal(logLevel.state().level, was)
    }
  }
  t.end()
})

t.test('every level lets through itself and what is above', (t) => {
  const { logger, messages } = openLog('debug')
  const said = ['debug', 'info', 'warn', 'error', 'fatal'] as const
  for (const level of LOG_LEVELS) {
    logger.threshold.level = level
    t.equal(logger.threshold.level, level)
    for (const one of said) logger[one](one)
    t.same(messages(), said.slice(LOG_LEVELS.indexOf(level)), level)
  }
  t.equal(createLogThreshold('silent').passes(60), false)
  t.end()
})

t.test('a line that is not written costs next to nothing', (t) => {
  const { logger } = openLog('info')
  const child = logger.child({ callId: 'call_1' })
  const lines = 1_000_000
  const suppress = (): number => {
    const beganAt = performance.now()
    for (let at = 0; at < lines; at++) child.debug({ at }, 'not written')
    return ((performance.now() - beganAt) / lines) * 1e6
  }
  const nanoseconds = Math.min(suppress(), suppress())
  t.comment(`${nanoseconds.toFixed(0)} ns a line`)
  t.ok(nanoseconds < 1000, `${nanoseconds} ns`)
  t.end()
})
