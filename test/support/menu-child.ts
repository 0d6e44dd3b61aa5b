// Leads a call into the menu in its own process, which dies where the consent is written: before it, or once it is on
// the disk and nobody has heard of it. Started by the kill test of the menu.
import { Worker } from 'node:worker_threads'
import { openControlApi } from '../../control-api/index.ts'
import { epochMs, newCallId } from '../../core/contracts/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { IVR } from '../control-api/orders/support.ts'

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

const api = await openControlApi(
  {
    logger: createLogger('silent'),
    metrics: createMetrics(),
    clock: createClock(),
    events: createCallEventBus(() => undefined),
    callControl: () => undefined,
    sipTrace: { ofCall: () => Promise.resolve({ kind: 'unavailable', why: 'a test' }) },
  },
  {
    dataDir,
    httpHost: '127.0.0.1',
    httpPort: 0,
    requireKey: false,
    rehearsal: true,
    defaultAgentId: 'agent',
    agentVariables: [],
    pricePerMinute: 0.08,
    version: 'test',
    ivr: IVR,
    howTo: () => ({ apiUrl: '', sipUri: '', exampleCurl: '', demoNumbers: [] }),
  },
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
