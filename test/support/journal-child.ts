// Opens a call's record in its own process, says so, and waits to be killed. Started by the durability test.
import { createCallEventBus } from '../../core/events/index.ts'
import { openControlApi } from '../../control-api/index.ts'
import { epochMs, newCallId, type CallEvent } from '../../core/contracts/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { aDialog } from './a-dialog.ts'

const [dataDir, withEvents] = process.argv.slice(2)
if (dataDir === undefined) throw new Error('usage: journal-child.ts DATA_DIR [events]')
const clock = createClock()
const events = createCallEventBus(() => undefined)
const api = await openControlApi(
  {
    logger: createLogger('silent'),
    metrics: createMetrics(),
    clock,
    events,
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
    howTo: () => ({ apiUrl: '', sipUri: '', exampleCurl: '', demoNumbers: [] }),
  },
)
const callId = newCallId()
const createdAt = epochMs(Date.parse('2026-01-01T00:00:00Z'))
const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
await api.journal.open({
  callId,
  direction: 'inbound',
  from: null,
  to: '+4930555100',
  trunk: 'rehearsal',
  createdAt,
  metadata: {},
})
if (withEvents !== undefined) {
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at(1000) }
  const facts: CallEvent[] = [
    { callId, at: at(1000), type: 'sip.answered', data: { dialog: 'd', cseq: 1, ...aDialog() } },
    { callId, at: at(1001), type: 'agent.attempted', data: { evidence, attempt: 1 } },
    { callId, at: at(1100), type: 'agent.opened', data: { evidence, upgradeSentAt: at(1001) } },
    { callId, at: at(7001), type: 'agent.user_transcript', data: { text: 'hello', eventId: 1 } },
  ]
  for (const fact of facts) events.publish(fact)
  // A second record's durability means that everything before it is durable: writes keep their order.
  await api.journal.open({
    callId: newCallId(),
    direction: 'outbound',
    from: null,
    to: '+4930555101',
    trunk: 'rehearsal',
    createdAt: at(7002),
    metadata: {},
  })
}
process.stdout.write(`${callId}\n`)
setInterval(() => undefined, 1000)
