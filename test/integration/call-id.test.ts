// One call id from SIP to agent to recording to job to webhook: whoever looks for it in the log finds the whole story, and
// the request that asked for the call.
import t from 'tap'
import { eventually } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const NUMBER = '+4930123001'

interface Line {
  readonly level: string
  readonly msg: string
  readonly callId?: string
  readonly event?: string
  readonly [field: string]: unknown
}

t.test('the log tells all of a call under its id', async (t) => {
  const lines: string[] = []
  const receiver = await WebhookReceiver.listen(t)
  const product = await startProduct(t, {
    settings: {
      LOG_LEVEL: 'debug',
      RECORD_CALLS: 'always',
      WEBHOOK_ALLOW_HOSTS: `127.0.0.1:${receiver.port}`,
    },
    logTo: { write: (line) => void lines.push(line) },
    agent: {
      tools: [{ name: 'look_up', parameters: {}, afterMs: 100 }],
      postCall: { processingMs: 0 },
    },
  })
  const { view, carrier } = product
  const hook = JSON.stringify({ url: receiver.url(), types: ['call.ended'] })
  t.equal((await view.request('/api/webhooks', { method: 'POST', body: hook })).status, 201)
  carrier.script(NUMBER, [{ ring: 50 }, { answer: true }, { listen: 1500 }, { hangUp: true }])
  const body = JSON.stringify({ phone_number: NUMBER })
  const placed = await view.request('/api/calls', { method: 'POST', body })
  const { call_id: callId } = (await placed.json()) as { call_id: string }
  await view.ended(callId)
  await receiver.until(1)
  const told = (): readonly Line[] =>
    lines.filter((line) => line.includes(callId)).map((line) => JSON.parse(line) as Line)
  const has = (wanted: Partial<Line>): boolean =>
    told().some((line) => Object.entries(wanted).every(([name, value]) => line[name] === value))
  const job = { kind: 'conversation.sync', msg: 'the run of a job is over', result: 'done' }
  await eventually('the job to be done', 10_000, () => has(job))
  await eventually('the webhook to be told of', 5000, () => has({ msg: 'a webhook was taken' }))

  t.same(
    told().filter((line) => line.callId !== callId),
    [],
    'always by the same name',
  )
  t.ok(has({ msg: 'agent session opening', level: 'debug' }), 'a thread of media')
  t.ok(has({ msg: 'call ended', level: 'info' }), 'the gateway')
  t.ok(has({ msg: 'a job begins', kind: 'conversation.sync' }), 'the job begins')
  const events = [
    ...['sip.invite', 'sip.answered', 'agent.attempted', 'agent.opened', 'agent.tool_called'],
    ...['recording.started', 'recording.stored', 'agent.closed', 'call.ended'],
  ]
  for (const event of events) t.ok(has({ event }), event)
  const requestId = placed.headers.get('x-request-id')
  t.match(requestId, /^req_[0-9a-f]{32}$/)
  t.ok(has({ msg: 'request', route: '/api/calls', status: 202, requestId }), 'the request')
  const deliveries = told().filter(({ msg }) => msg === 'a webhook was taken')
  t.match(deliveries, [{ endpointId: String, deliveryId: String, type: 'call.ended', status: 200 }])
  t.notMatch(lines.join(''), NUMBER.slice(1), 'and no number')
})
