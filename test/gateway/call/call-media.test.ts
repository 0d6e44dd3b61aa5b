// What a call tells its media, and what it makes of the media's facts.
import t, { type Test } from 'tap'
import type { RecordingAction } from '../../../core/contracts/index.ts'
import { placeCall } from '../../../gateway/call/outbound-call.ts'
import { RecordingSwitch } from '../../../gateway/call/recording-switch.ts'
import type { RecordingPolicy } from '../../../core/contracts/index.ts'
import { buildDesk, REQUEST, settle } from '../../support/build-desk.ts'
import { provisional, REMOTE_SDP, SOURCE } from '../../support/fake-sip.ts'

const STORED = { key: 'k', bytes: 1, sha256: 's', durationMs: 1 }
const withTypes = (types: string, ...lines: string[]): string =>
  [REMOTE_SDP.replace('RTP/AVP 0', `RTP/AVP ${types}`).trimEnd(), ...lines, ''].join('\r\n')

async function talking(t: Test, recording: RecordingPolicy = 'off') {
  const { desk, sip, bridge, types } = buildDesk({}, { recording })
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  const media = bridge.sessions[0]!
  t.teardown(() => session.onDefect())
  return { session, media, sip, types, listener: sip.invites[0]!.listener }
}

t.test('the codec may change in the middle of a call', async (t) => {
  const { media, listener } = await talking(t)
  t.match(media.remote, { formats: [{ codec: 'PCMU', payloadType: 0 }], signallingAddress: SOURCE })
  const answer = listener.onReoffer(
    withTypes('8 0 97', 'a=rtpmap:97 telephone-event/8000'),
    '127.0.0.9',
  )
  t.match(answer, { sdp: /m=audio 20000 RTP\/AVP 8 97\r\n/ })
  t.match(media.remote, {
    formats: [
      { codec: 'PCMA', payloadType: 8 },
      { codec: 'PCMU', payloadType: 0 },
    ],
    telephoneEventType: 97,
    signallingAddress: '127.0.0.9',
  })
  t.same(listener.onReoffer(withTypes('9'), SOURCE), { status: 488 })
  t.match(media.remote, { telephoneEventType: 97 }, 'what we refuse changes nothing')
  t.match(
    listener.onReoffer('', SOURCE),
    { sdp: /m=audio 20000 RTP\/AVP 0 8 97\r\n/ },
    'asked for ours, we offer all, by the numbers of this call',
  )
})

t.test('an answer without a codec of ours is none', async (t) => {
  const { desk, sip } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onProvisional(provisional(183, withTypes('9 18'), 'b'))
  t.equal(session.live.status, 'ringing', 'no early media either')
  sip.answer(withTypes('9 18'))
  t.match(await session.over, { result: 'upstream_error', reason: 'media-not-acceptable' })
})

t.test('a delayed offer offers both laws, and the ACK chooses', async (t) => {
  const { sip, bridge, desk } = buildDesk()
  const invite = sip.receive('')
  await settle()
  t.match(invite.answerSdp, /m=audio 20000 RTP\/AVP 0 8 101\r\n/)
  invite.dialogListener!.onAcknowledged(withTypes('8'), SOURCE)
  t.match(bridge.sessions[0]!.remote, { formats: [{ codec: 'PCMA', payloadType: 8 }] })
  for (const session of desk.registry.sessions) session.onDefect()
})

t.test('a key that came by INFO is for the agent, and in no event of ours', async (t) => {
  const { media, listener, types } = await talking(t)
  const before = types().length
  listener.onDtmf('5')
  t.ok(media.did.includes('pressed 5'))
  t.equal(types().length, before, 'the media says that there was one')
  const { sip, bridge, desk } = buildDesk()
  const invite = sip.receive()
  await settle()
  invite.dialogListener!.onDtmf('#')
  t.ok(bridge.sessions[0]!.did.includes('pressed #'))
  for (const session of desk.registry.sessions) session.onDefect()
})

t.test('recording by hand: what the policy and the facts allow', async (t) => {
  type Step = RecordingAction | 'started' | 'paused' | 'stored' | 'failed' | 'empty'
  type Taken = ReturnType<RecordingSwitch['take']>
  const rows: [RecordingPolicy, [Step, Taken?][]][] = [
    ['off', [['start', 'off'], ['started'], ['pause', 'off']]],
    ['always', [['pause', 'not-started'], ['started'], ['pause', 'done']]],
    ['always', [['started'], ['paused'], ['resume', 'done']]],
    ['always', [['started'], ['start', 'done'], ['stored'], ['pause', 'over'], ['start', 'over']]],
    ['always', [['started'], ['empty'], ['pause', 'over'], ['start', 'over']]],
    [
      'after-consent',
      [
        ['pause', 'not-started'],
        ['start', 'done'],
        ['pause', 'done'],
      ],
    ],
    ['after-consent', [['start', 'done'], ['failed'], ['resume', 'over'], ['start', 'over']]],
  ]
  for (const [policy, steps] of rows) {
    const recording = new RecordingSwitch(policy)
    const early = recording.take('start', false)
    t.equal(early, policy === 'off' ? 'off' : 'not-answered', 'before the answer')
    for (const [step, taken] of steps)
      if (step === 'start' || step === 'pause' || step === 'resume')
        t.equal(recording.take(step, true), taken, `${policy}: ${step}`)
      else
        recording.note({ type: `recording.${step}`, at: 0, data: {} } as unknown as Parameters<
          typeof recording.note
        >[0])
  }
})

t.test('recording by hand reaches the media of a call that talks', async (t) => {
  const { session, media } = await talking(t, 'after-consent')
  t.equal(session.talk.record('start'), 'done')
  media.tell({ type: 'recording.started', data: {} })
  t.equal(session.talk.record('pause'), 'done')
  t.same(media.did.slice(-2), ['record start', 'record pause'])
  media.tell({ type: 'recording.stored', data: STORED })
  t.equal(session.talk.record('resume'), 'over')
  const off = await talking(t, 'off')
  t.equal(off.session.talk.record('start'), 'off')
  t.notOk(off.media.did.some((what) => what.startsWith('record')))
  const { desk, sip } = buildDesk({}, { recording: 'always' })
  const ringing = await placeCall(desk, REQUEST)
  t.equal(ringing.talk.record('start'), 'not-answered')
  sip.invites[0]!.listener.onFailed({ status: 486, local: false, lost: false })
})

t.test('everything the media tells is in the record, in order, and before the end', async (t) => {
  const { session, media, types } = await talking(t)
  const summary = { packets: 1, lost: 0, jitterMs: 1, mos: 4 }
  media.tell({ type: 'dtmf', data: { source: 'rtp', durationMs: 100 } })
  media.tell({ type: 'prompt.started', data: { promptId: 'p' } })
  media.tell({
    type: 'media.summary',
    data: {
      received: summary,
      sent: summary,
      roundTripMs: 1,
      packetsRejected: 0,
      concealedMs: 0,
      underruns: 0,
    },
  })
  session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  await session.over
  t.same(types().slice(-5), ['dtmf', 'prompt.started', 'media.summary', 'sip.bye', 'call.ended'])
})
