import t from 'tap'
import { epochMs, termination, type LiveCall } from '../../core/contracts/index.ts'
import type { TrunkStates } from '../../control-api/routes/trunks/trunk-view.ts'
import { aDialog } from '../support/a-dialog.ts'
import { buildApp, freshDataDir, sample, type BuiltApp } from '../support/build-app.ts'

/** Who is to talk on a call: without it nothing is spared. */
async function withAgent(app: BuiltApp, call: LiveCall): Promise<LiveCall> {
  await app.api.directory.resolveInbound(call)
  return call
}

t.test('one call moves its metrics, by the times of its events', async (t) => {
  const app = await buildApp(t)
  const page = async () => (await app.metrics.render()).body
  const line = async (name: string) =>
    (await page()).split('\n').find((one) => one.startsWith(`voicegate_${name} `))
  const call = await app.control.begin({ direction: 'outbound', trunk: 'exolve' })
  const { callId, createdAt } = await withAgent(app, call)
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
    [`call_answer_seconds_sum{${labels}}`, / 3$/],
    [`call_duration_seconds_sum{${labels}}`, / 60$/],
    [`call_attempts_total{${labels}}`, / 1$/],
    [`call_terminations_total{${labels},result="success",reason="hangup",by="callee"}`, / 1$/],
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
    `call_attempts_total{${labels}} 1`,
    'call_post_dial_delay_seconds_sum{trunk="twilio"} 1',
    `call_answer_seconds_sum{${labels}} 3`,
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

t.test(
  'an agent whose vendor refused at first says nothing of how fast we open agents',
  async (t) => {
    const app = await buildApp(t)
    const { callId, createdAt } = await app.control.begin({ direction: 'inbound' })
    const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
    const evidence = { dialog: 'd', cseq: 1, answeredAt: at(100) }
    const refused = { attempt: 1, closeCode: null, detail: 'HTTP 429', seconds: 0.003 }
    app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(100))
    app.emit('agent.attempt_failed', callId, refused, at(110))
    app.emit('agent.opened', callId, { evidence, upgradeSentAt: at(1110) }, at(1150))
    const { body } = await app.metrics.render()
    t.match(body, /^voicegate_agent_open_after_answer_seconds_count 0$/m)
  },
)

t.test('a far end that was waited for and never heard is as bad as can be', async (t) => {
  const app = await buildApp(t)
  const unheard = { packets: 0, lost: 0, jitterMs: null, mos: null }
  const rest = { roundTripMs: 1, packetsRejected: 0, concealedMs: 0, underruns: 0 }
  const sent = { packets: 300, lost: 0, jitterMs: 1, mos: 4.4 }
  const score = async () => {
    const { body } = await app.metrics.render()
    return /^voicegate_call_mos_(sum|count)\{direction="received",trunk="exolve"\} .*$/gm
      .exec(body)
      ?.at(0)
  }
  const call = async (stalled: boolean): Promise<void> => {
    const { callId, createdAt } = await app.control.begin({ trunk: 'exolve' })
    const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
    app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(100))
    if (stalled) app.emit('media.stalled', callId, { silentMs: 5000 }, at(5100))
    app.emit('media.summary', callId, { received: unheard, sent, ...rest }, at(6000))
  }
  await call(false)
  t.equal(await score(), undefined, 'hung up before anything could come')
  await call(true)
  t.match(await score(), / 1$/)
})

t.test('a call that fails counts its failure and what it did not cost', async (t) => {
  const app = await buildApp(t)
  const call = await app.control.begin({ direction: 'outbound' })
  const { callId, createdAt } = await withAgent(app, call)
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

t.test('a machine that was hung up on counts as one, as its record says', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin({ direction: 'outbound', trunk: 'exolve' })
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's' })
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() })
  app.emit('machine.verdict', callId, { verdict: 'machine' })
  app.emit('call.ended', callId, { termination: termination('success', 'hangup', 'gateway') })
  const { body } = await app.metrics.render()
  const labels = 'direction="outbound",trunk="exolve"'
  t.match(body, `voicegate_calls_total{${labels},outcome="machine"} 1\n`)
  t.match(body, `voicegate_calls_total{${labels},outcome="answered"} 0\n`)
  await app.recorded(callId, 4)
  const record = await (await app.request(`/api/calls/${callId}`)).json()
  t.match(record, { outcome: 'machine' })
})

t.test('a call that only the menu answers spares nothing: it was to have no agent', async (t) => {
  const app = await buildApp(t)
  const { callId, createdAt } = await app.control.begin({ direction: 'outbound' })
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  app.emit('sip.invite', callId, { direction: 'outbound', sipCallId: 's' }, at(0))
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(3000))
  t.equal(await sample(app.metrics, 'agent_seconds_avoided_total'), 0)
})

t.test('of a failover each trunk has its own attempt and its own delays', async (t) => {
  const app = await buildApp(t)
  const call = await app.control.begin({ direction: 'outbound', trunk: 'a' })
  const { callId, createdAt } = await withAgent(app, call)
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  const invite = { direction: 'outbound', sipCallId: 's' } as const
  app.emit('sip.invite', callId, { ...invite, trunk: 'a' }, at(0))
  app.emit('sip.provisional', callId, { sipStatus: 183, earlyMedia: true }, at(500))
  app.emit('sip.failed', callId, { sipStatus: 503, nextTrunk: 'b' }, at(5000))
  app.emit('sip.invite', callId, { ...invite, trunk: 'b' }, at(5010))
  app.emit('sip.provisional', callId, { sipStatus: 180, earlyMedia: false }, at(6010))
  app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(7010))
  const termination = { result: 'success', reason: 'hangup', by: 'caller', sipStatus: 200 } as const
  app.emit('call.ended', callId, { termination }, at(8010))
  const { body } = await app.metrics.render()
  for (const wanted of [
    'call_attempts_total{direction="outbound",trunk="a"} 1',
    'call_attempts_total{direction="outbound",trunk="b"} 1',
    'trunk_failovers_total{trunk="a"} 1',
    'trunk_failovers_total{trunk="b"} 0',
    'call_post_dial_delay_seconds_sum{trunk="a"} 0.5',
    'call_post_dial_delay_seconds_sum{trunk="b"} 1',
    'call_answer_seconds_sum{direction="outbound",trunk="b"} 2',
    'calls_total{direction="outbound",trunk="a",outcome="failed"} 0',
    'calls_total{direction="outbound",trunk="b",outcome="answered"} 1',
    'call_terminations_total{direction="outbound",trunk="b",result="success",reason="hangup",by="caller"} 1',
    'agent_seconds_avoided_total 7.01',
  ])
    t.ok(body.includes(`voicegate_${wanted}\n`), wanted)
})

t.test('the trunks there are have figures before their first call', async (t) => {
  const trunks = [{ name: 'exolve' }] as unknown as TrunkStates['trunks']
  const app = await buildApp(t, { config: { trunks: () => ({ trunks, sipServerIsAway: false }) } })
  const { body } = await app.metrics.render()
  for (const direction of ['inbound', 'outbound']) {
    t.match(body, `voicegate_call_attempts_total{direction="${direction}",trunk="exolve"} 0\n`)
    const none = `{direction="${direction}",trunk="exolve",outcome="failed"} 0\n`
    t.match(body, `voicegate_calls_total${none}`)
  }
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

t.test(
  'an inbound call, which we ring ourselves, says nothing of the delay of a carrier',
  async (t) => {
    const app = await buildApp(t)
    const { callId, createdAt } = await app.control.begin({ direction: 'inbound', trunk: 'exolve' })
    const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
    app.emit('sip.invite', callId, { direction: 'inbound', sipCallId: 's' }, at(0))
    app.emit('sip.provisional', callId, { sipStatus: 180, earlyMedia: false }, at(1))
    app.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(500))
    const { body } = await app.metrics.render()
    t.notMatch(body, /^voicegate_call_post_dial_delay_seconds_count\{/m)
    t.match(body, 'call_answer_seconds_sum{direction="inbound",trunk="exolve"} 0.5\n')
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

t.test('what a crash cut off is counted by the next start, and once', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const { callId, createdAt } = await before.control.begin({ trunk: 'exolve' })
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at(100) }
  before.emit('sip.answered', callId, { dialog: 'd', cseq: 1, ...aDialog() }, at(100))
  before.emit('agent.attempted', callId, { evidence, attempt: 1 }, at(200))
  before.emit('agent.opened', callId, { evidence, upgradeSentAt: at(200) }, at(300))
  before.emit('agent.first_audio', callId, {}, at(30_200))
  await before.recorded(callId, 4)
  // Closed without the end of the call: as after a kill.
  await before.close()
  const figures = async () => {
    const app = await buildApp(t, { dataDir })
    const names = [
      'calls_total{direction="inbound",trunk="exolve",outcome="answered"}',
      'call_terminations_total{direction="inbound",trunk="exolve",result="server_error",reason="gateway-crashed",by="gateway"}',
      'agent_sessions_total{result="gateway-crashed"}',
      'agent_seconds_total',
    ]
    const values = await Promise.all(names.map((name) => sample(app.metrics, name)))
    await app.close()
    return values
  }
  t.same(await figures(), [1, 1, 1, 30])
  t.same(await figures(), [0, 0, 0, 0])
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
  for (const method of ['PROPFIND', 'MKCOL', 'PURGE']) await app.request('/secret', { method })
  const after = (await app.metrics.render()).body
  t.match(
    after,
    /http_request_seconds_count\{route="\(unmatched\)",method="other",status="\d+"\} 3/,
  )
  t.notMatch(after, /PROPFIND|MKCOL|PURGE/, 'of methods nobody has there are too many')
})
