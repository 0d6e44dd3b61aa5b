// A process that reads something again on SIGHUP, or not; it writes what happened to a file, because its terminal may be
// closed. Told `reloads`, SIGHUP is for that; told `slow`, it is ready only after a while.
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { ms } from '#core/contracts'
import { createLogger } from '#core/telemetry'
import { endOnSignals } from '../../startup/end-on-signals.ts'

const [file = '', ...words] = process.argv.slice(2)
const say = (word: string): void => appendFileSync(file, `${word}\n`)

const end = endOnSignals({
  logger: createLogger('info'),
  drain: ms(0),
  reloads: words.includes('reloads'),
})
// Longer than any test: it is stopped.
setTimeout(() => process.exit(3), 30_000)
say(`runs ${process.pid}`)
if (words.includes('slow')) await delay(500)
end.ready({
  stop: () => {
    say('stopped')
    return Promise.resolve()
  },
  closing: () => undefined,
})
end.onReload(() => say('reloaded'))
say('ready')
