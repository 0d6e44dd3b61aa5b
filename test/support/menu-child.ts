// Leads a call into the menu in its own process, which dies where the consent is written: before it, or once it is on
// the disk and nobody has heard of it. Started by the kill test of the menu.
import { Worker } from 'node:worker_threads'
import { epochMs, newCallId } from '../../core/contracts/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { IVR } from '../control-api/orders/support.ts'
import { openBareApi } from './bare-api.ts'

const [dataDir, when] = process.argv.slice(2)
if (dataDir === undefined || (when !== 'before' && when !== 'after'))
  throw new Error('usage: menu-child.ts DATA_DIR before|after')

/** As the out-of-memory killer ends it. */
const die = (): void => void process.kill(process.pid, 'SIGKILL')
const post = Reflect.get(Worker.prototype, 'postMessage') as (
  this: Worker,
  message: unknown,
) => void
Worker.prototype.postMessage = function (this: Worker, message: unknown): void {
  const asked = message as { kind?: string; id?: number }
  if (asked.kind === 'write' && JSON.stringify(message).includes('insert into \\"consents\\"')) {
    if (when === 'before') die()
    this.prependListener('message', (reply: { id?: number }) => {
      if (reply.id === asked.id) die()
    })
  }
  post.call(this, message)
}

const api = await openBareApi(
  { dataDir, ivr: IVR, defaultAgentId: 'agent' },
  { logger: createLogger('silent') },
)
const call = {
  callId: newCallId(),
  direction: 'inbound',
  from: '+4915112345678',
  to: '+4930555100',
  trunk: 'rehearsal',
  createdAt: epochMs(Date.now()),
  metadata: {},
} as const
// Without a record, nothing closes the call at the next start: it goes on there.
if (when === 'after') await api.journal.open(call)
await api.flows?.begin(call, { hasAgent: false })
process.stdout.write(`${call.callId}\n`)
await api.flows?.advance(call.callId, {
  step: 'consent',
  attempt: 1,
  input: { kind: 'digits', digits: '1' },
})
