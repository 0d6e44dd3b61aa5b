// SIGUSR2 turns the log to `debug` and back: for whoever is on the machine and has no key, or when the API does not answer.
import { ms } from '#core/contracts'
import type { LogLevelSwitch } from '#core/telemetry'

/** As long as PUT /api/settings/log-level takes when it is not told. */
const LASTS = ms(60 * 60_000)

export function debugOnSignal(logLevel: LogLevelSwitch): void {
  process.on('SIGUSR2', () => {
    const { level, configured } = logLevel.state()
    logLevel.change(level === 'debug' ? configured : 'debug', LASTS)
  })
}
