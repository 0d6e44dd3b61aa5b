// A control API with a gateway that only writes down whom it dials, in a process that dies at a given write to its
// database: before it, or once it is durable. Started by the kill tests of dialling, which say when by a message.
import { appendFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import {
  newCallId,
  termination,
  type CallEvent,
  type CallId,
  type CallIdentity,
  type LiveCall,
  type OriginateRequest,
} from '../../core/contracts/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { openBareApi } from './bare-api.ts'

export interface KillOrder {
  readonly when: 'before' | 'after'
  /** The n-th write from now on whose statements this pattern is found in: others write too. */
  readonly write: string
  readonly nth: number
}

const [dataDir, dialsFile] = process.argv.slice(2)
if (dataDir === undefined || dialsFile === undefined)
  throw new Error('usage: dialling-child.ts DATA_DIR DIALS_FILE')

/** As the out-of-memory killer ends it. */
const die = (): void => void process.kill(process.pid, 'SIGKILL')
let order: KillOrder | undefined
let writes = 0
const post = Reflect.get(Worker.prototype, 'postMessage') as (
  this: Worker,
  message: unknown,
) => void
Worker.prototype.postMessage = function (this: Worker, message: unknown): void {
  const asked = message as { kind?: string; id?: number }
  if (asked.kind === 'write' && order && JSON.stringify(message).match(order.write)) {
    writes += 1
    if (writes === order.nth && order.when === 'before') die()
    if (writes === order.nth)
      this.prependListener('message', (reply: { id?: number }) => {
        if (reply.id === asked.id) die()
      })
  }
  post.call(this, message)
}

const clock = createClock()
const events = createCallEventBus(() => undefined)
const publish = (event: unknown): void => events.publish(event as CallEvent)

async function originate(request: OriginateRequest): Promise<LiveCall> {
  const { callId = newCallId(), placedBy, retry } = request
  const identity: CallIdentity = {
    callId,
    direction: 'outbound',
    from: '+4930555100',
    to: request.to,
    trunk: 'rehearsal',
    createdAt: clock.now(),
    metadata: {},
    ...(placedBy === undefined ? {} : { placedBy }),
    ...(retry === undefined ? {} : { retry }),
  }
  await api.journal.open(identity)
  appendFileSync(dialsFile ?? '', `${callId} ${request.to}\n`)
  // The last digit says what the phone does: 6 is busy at once, and was a minute ago.
  if (request.to.endsWith('6')) setTimeout(() => busy(callId), 20)
  return { ...identity, status: 'queued', answeredAt: null, termination: null }
}

function busy(callId: CallId): void {
  const ending = termination('client_error', 'busy', 'callee', 486)
  const endedAt = clock.now() - 60_000
  publish({ type: 'call.ended', callId, at: endedAt, data: { termination: ending } })
}

const api = await openBareApi(
  { dataDir, defaultAgentId: 'agent' },
  {
    logger: createLogger('silent'),
    clock,
    events,
    callControl: () => ({
      admit: () => ({ agentOver: () => undefined, release: () => undefined }),
      originate,
      hangUp: () => false,
      transfer: () => 'not-live',
      record: () => 'not-live',
      isConnected: () => true,
      find: () => undefined,
      list: () => [],
    }),
  },
)
await api.listen()
api.setReady('ready')
process.on('message', (asked: KillOrder) => {
  order = asked
  writes = 0
  process.send?.('taken')
})
process.stdout.write(`http://${api.address.host}:${api.address.port}\n`)
