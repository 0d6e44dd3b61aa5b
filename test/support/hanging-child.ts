// A process that cannot stop: it hangs where it closes, and one of its threads is inside a system call that does not
// return, so that even `process.exit` would wait for it.
import { Worker } from 'node:worker_threads'
import { ms } from '#core/contracts'
import { createLogger } from '#core/telemetry'
import { endOnSignals } from '../../startup/end-on-signals.ts'

const IN_A_SYSTEM_CALL = "require('node:child_process').execSync('sleep 10')"

const end = endOnSignals({ logger: createLogger('info'), drain: ms(0), closeWithin: ms(300) })
const worker = new Worker(IN_A_SYSTEM_CALL, { eval: true })
worker.once('online', () => {
  end.ready({ stop: () => new Promise(() => undefined), closing: () => 'media' })
  process.stdout.write('hangs from here on\n')
})
