import t from 'tap'
import { epochMs } from '../../core/contracts/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { buildApp } from '../support/build-app.ts'

t.test('one call moves its metrics, by the times of its events', async (t) => {
  const app = await buildApp(t)
  const page = async () => (await app.metrics.render()).body
  const line = async (name: string) =>
    (await page()).split('\n').find((one) => one.startsWith(`voicegate_${name} `))
  const { callId, createdAt } = await app.control.begin({ direction: 'outbound', trunk: 'exolve' })
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  t.match(await line('calls_active{direction="outbound"}'), / 1$/)
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at(3000) }
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's' }, at(0))
  app.emit('sip.provisional', callId, { sipStatus: 100, earlyMedia: false }, at(10))
  app.emit('sip.provisional', callId, { sipStatus: 180, earlyMedia: false }, at(1000))
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(3000))
  app.emit('agent.opened', callId, { evidence, upgradeSentAt: at(3004) }, at(3100))
  app.emit('agent.first_audio', callId, {}, at(3504))
  app.emit('agent.first_audio', callId, {}, at(9000))
  app.emit('sip.bye', callId, { direction: 'received' }, at(63_000))
  const termination = { result: 'success', reason: 'hangup', by: 'callee', sipStatus: 200 } as const
  app.emit('call.ended', callId, { termination }, at(63_000))
  const closed = { reason: 'call-ended', closeCode: 1000, detail: '', seconds: 60 } as const
  app.emit('agent.closed', callId, closed, at(63_020))
  const labels = 'direction="outbound",trunk="exolve"'
  const expected: [string, RegExp][] = [
    ['calls_active{direction="outbound"}', / 0$/],
    [`calls_total{${labels},outcome="answered"}`, / 1$/],
    ['call_post_dial_delay_seconds_sum{trunk="exolve"}', / 1$/],
    ['call_answer_seconds_sum{trunk="exolve"}', / 3$/],
    [`call_duration_seconds_sum{${labels}}`, / 60$/],
    [`sip_responses_total{${labels},class="1xx",code="180"}`, / 1$/],
    [`sip_responses_total{${labels},class="2xx",code="200"}`, / 1$/],
    ['agent_seconds_avoided_total', / 3$/],
    ['agent_open_after_answer_seconds_sum', / 0\.00(4|399)/],
    ['agent_first_audio_seconds_sum', / 0\.(5|4999)/],
    ['agent_first_audio_seconds_count', / 1$/],
    ['agent_close_after_hangup_seconds_sum', / 0\.0(2|199)/],
  ]
  for (const [name, value] of expected) t.match(await line(name), value, name)
  t.notMatch(await page(), callId, 'no call id in a label')
})

t.test('a call by a telephony vendor moves the same metrics, but for those of SIP', async (t) => {
  const app = await buildApp(t)
  const { callId, createdAt } = await app.control.begin({ direction: 'outbound', trunk: 'twilio' })
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  app.emit('provider.invited', callId, { direction: 'outbound', providerCallId: 'x' }, at(0))
  app.emit('provider.ringing', callId, {}, at(1000))
  app.emit('provider.answered', callId, {}, at(3000))
  const termination = {
    result: 'success',
    reason: 'hangup',
    by: 'callee',
    sipStatus: null,
  } as const
  const word = { status: 'completed', sipStatus: null, errorCode: null }
  app.emit('provider.ended', callId, word, at(63_000))
  app.emit('call.ended', callId, { termination }, at(63_000))
  const { body } = await app.metrics.render()
  const labels = 'direction="outbound",trunk="twilio"'
  for (const wanted of [
    `calls_total{${labels},outcome="answered"} 1`,
    'call_post_dial_delay_seconds_sum{trunk="twilio"} 1',
    'call_answer_seconds_sum{trunk="twilio"} 3',
    `call_duration_seconds_sum{${labels}} 60`,
  ])
    t.ok(body.includes(`voicegate_${wanted}\n`), wanted)
  t.notMatch(body, /sip_responses_total\{/)
})

t.test('an agent that follows the menu says nothing of how fast agents open', async (t) => {
  const app = await buildApp(t)
  const { callId, createdAt } = await app.control.begin({ direction: 'inbound' })
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  const asked = { step: 'consent', attempt: 1, language: 'de', promptVersion: '1' } as const
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at(100) }
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(100))
  app.emit('flow.asked', callId, asked, at(110))
  app.emit('agent.opened', callId, { evidence, upgradeSentAt: at(20_000) }, at(20_010))
  app.emit('agent.first_audio', callId, {}, at(20_500))
  const { body } = await app.metrics.render()
  t.match(body, /^voicegate_agent_open_after_answer_seconds_count 0$/m)
  t.match(body, /^voicegate_agent_first_audio_seconds_count 1$/m)
})

t.test('a call that fails counts its failure and what it did not cost', async (t) => {
  const app = await buildApp(t)
  const { callId, createdAt } = await app.control.begin({ direction: 'outbound' })
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's' }, at(0))
  app.emit('sip.failed', callId, { sipStatus: 486 }, at(2000))
  const termination = {
    result: 'client_error',
    reason: 'busy',
    by: 'callee',
    sipStatus: 486,
  } as const
  app.emit('call.ended', callId, { termination }, at(2001))
  app.emit('call.ended', callId, { termination }, at(2002))
  const { body } = await app.metrics.render()
  t.match(body, /calls_total\{direction="outbound",trunk="rehearsal",outcome="busy"\} 1\n/)
  t.match(body, /sip_responses_total\{[^}]*class="4xx",code="486"\} 1\n/)
  t.match(body, /agent_seconds_avoided_total 2\n/)
  t.notMatch(body, /call_duration_seconds_count\{/)
})

t.test(
  'the quality of a call is counted where it is known, recordings by what became of them',
  async (t) => {
    const app = await buildApp(t)
    const { callId } = await app.control.begin({ direction: 'inbound', trunk: 'exolve' })
    const received = { packets: 500, lost: 5, jitterMs: 3, mos: 4.1 }
    const sent = { packets: 500, lost: null, jitterMs: null, mos: null }
    const stats = { roundTripMs: null, packetsRejected: 0, concealedMs: 100, underruns: 0 }
    app.emit('media.summary', callId, { received, sent, ...stats })
    const stored = { key: 'recordings/x.wav', bytes: 44, sha256: '0'.repeat(64), durationMs: 10 }
    app.emit('recording.stored', callId, stored)
    app.emit('recording.failed', callId, { detail: 'the disk is full' })
    const { body } = await app.metrics.render()
    t.match(body, 'voicegate_call_mos_sum{direction="received",trunk="exolve"} 4.1')
    t.notMatch(body, 'voicegate_call_mos_sum{direction="sent"')
    t.match(body, 'voicegate_recordings_total{result="stored"} 1')
    t.match(body, 'voicegate_recordings_total{result="failed"} 1')
  },
)

t.test('a failure of our own making is no response', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin({ direction: 'outbound' })
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's' })
  const failure = { sipStatus: 487, local: true, detail: 'Request Terminated' }
  app.emit('sip.failed', callId, failure)
  const { body } = await app.metrics.render()
  t.notMatch(body, /sip_responses_total\{/)
})

t.test('HTTP requests are counted by route pattern', async (t) => {
  const app = await buildApp(t)
  await app.request('/api/calls/call_123')
  await app.request('/secret/path?token=1')
  const { body } = await app.metrics.render()
  t.match(
    body,
    /http_request_seconds_count\{route="\/api\/calls\/:call_id",method="GET",status="404"\} 1/,
  )
  t.match(body, /http_request_seconds_count\{route="\(unmatched\)",method="GET",status="404"\} 1/)
})
