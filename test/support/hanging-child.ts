// A process that cannot stop: it hangs where it closes, and one of its threads is inside a system call that does not
// return, so that even `process.exit` would wait for it. Told `starts`, it hangs there.
import { Worker } from 'node:worker_threads'
import { ms } from '#core/contracts'
import { createLogger } from '#core/telemetry'
import { endOnSignals } from '../../startup/end-on-signals.ts'

const IN_A_SYSTEM_CALL = "require('node:child_process').execSync('sleep 10')"

const drain = ms(process.argv[2] === 'starts' ? 3_600_000 : 0)
const end = endOnSignals({ logger: createLogger('info'), drain, closeWithin: ms(300) })
const worker = new Worker(IN_A_SYSTEM_CALL, { eval: true })
worker.once('online', () => {
  if (process.argv[2] !== 'starts')
    end.ready({ stop: () => new Promise(() => undefined), closing: () => 'media' })
  process.stdout.write('hangs from here on\n')
})
