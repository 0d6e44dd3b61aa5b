import t from 'tap'
import { mock } from 'node:test'
import { ms, termination, type E164 } from '../../../core/contracts/index.ts'
import { answererOf } from '../../../gateway/call/answerer.ts'
import { placeCall } from '../../../gateway/call/outbound-call.ts'
import { buildDesk, NUMBER, REQUEST, settle } from '../../support/build-desk.ts'
import { REMOTE_SDP, provisional, SOURCE } from '../../support/fake-sip.ts'

t.test('the agent is opened by the 200 OK and by nothing before it', async (t) => {
  const { desk, sip, bridge, types, journaled } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  t.equal(journaled.length, 1, 'the record is there before the answer')
  t.match(sip.invites[0]!.options, {
    requestUri: `sip:${NUMBER}@127.0.0.1:5080`,
    from: '<sip:+4930555100@127.0.0.1:5080>',
  })
  const [media] = bridge.sessions
  const { listener } = sip.invites[0]!
  listener.onProvisional(provisional(180, '', 'b'))
  listener.onProvisional(provisional(183, REMOTE_SDP, 'b'))
  listener.onProvisional(provisional(199, '', 'b'))
  t.notOk(media!.did.includes('open'), 'ringing and early media prewarm at most')
  t.equal(session.live.status, 'ringing')
  sip.answer()
  t.ok(media!.did.includes('open'))
  t.match(media!.agent, { dynamicVariables: { call_id: session.identity.callId } })
  t.match(media!.remote, { address: '127.0.0.1', port: 4000 })
  t.equal(session.live.status, 'answered')
  listener.onEnded({ by: 'remote', reason: undefined })
  t.match(await session.over, { result: 'success', reason: 'hangup', by: 'callee' })
  t.same(types(), [
    'sip.invite',
    'sip.provisional',
    'agent.prewarmed',
    'sip.provisional',
    'agent.prewarmed',
    'sip.provisional',
    'agent.prewarmed',
    'sip.answered',
    'sip.bye',
    'call.ended',
  ])
  t.ok(media!.closed)
  t.equal(desk.registry.size, 0)
})

t.test(
  'a trunk that may challenge our refreshes is asked to refresh the session itself',
  async (t) => {
    for (const [account, expires] of [
      [undefined, '1800'],
      [{ user: 'u', password: 'p', registers: false, settings: 'none' }, '1800;refresher=uas'],
    ] as const) {
      const { desk, sip } = buildDesk()
      const trunk = { name: 'test', domain: '127.0.0.1:5080', numbers: [] }
      desk.trunks.replace([account === undefined ? trunk : { ...trunk, account }])
      const session = await placeCall(desk, REQUEST)
      t.match(sip.invites[0]!.options.headers, {
        Supported: 'timer',
        'Session-Expires': new RegExp(`^${expires}$`),
        'Min-SE': '90',
      })
      sip.invites[0]!.listener.onFailed({ status: 486, local: false, lost: false })
      await session.over
    }
  },
)

t.test('a carrier failure ends the call without an agent', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onProvisional(provisional(183, REMOTE_SDP, 'b'))
  sip.invites[0]!.listener.onFailed({ status: 486, local: false, lost: false })
  t.match(await session.over, { reason: 'busy', sipStatus: 486 })
  t.notOk(bridge.sessions[0]!.did.includes('open'))
  t.notOk(sip.sent.includes('CANCEL'))
})

t.test('a 200 OK that crosses our CANCEL gets a BYE and never an agent', async (t) => {
  const { desk, sip, bridge, types } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onProvisional(provisional(180, '', 'b'))
  session.end({ result: 'client_error', reason: 'canceled', by: 'api', sipStatus: null })
  sip.answer()
  t.match(await session.over, { reason: 'canceled', by: 'api' })
  t.same(sip.sent, ['INVITE', 'CANCEL', 'BYE'])
  t.notOk(bridge.sessions[0]!.did.includes('open'))
  t.match(types(), /sip.cancel,sip.answered,sip.bye,call.ended$/)
})

t.test('an answer that crossed our CANCEL keeps the call until its BYE is answered', async (t) => {
  const { desk, sip, types } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  const farewell = Promise.withResolvers<undefined>()
  session.end({ result: 'client_error', reason: 'canceled', by: 'api', sipStatus: null })
  const { callId } = session.identity
  const dialog = { ...sip.dialog(callId, 'sip-1', REMOTE_SDP), bye: () => farewell.promise }
  sip.invites[0]!.listener.onAnswered(dialog)
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.notMatch(types(), 'call.ended')
  t.equal(desk.registry.size, 1, 'a shutdown would wait for it')
  farewell.resolve(undefined)
  await session.over
  t.match(types(), /call.ended$/)
})

t.test('nobody answers: CANCEL after the ring time, and the 487 changes nothing', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { desk, sip } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onProvisional(provisional(180, '', 'b'))
  mock.timers.tick(29_999)
  t.notOk(sip.sent.includes('CANCEL'))
  mock.timers.tick(1)
  t.ok(sip.sent.includes('CANCEL'))
  sip.invites[0]!.listener.onFailed({ status: 487, local: false, lost: false })
  t.match(await session.over, { result: 'client_error', reason: 'no-answer' })
})

t.test('the agent’s end is the call’s end, each with its own blame', async (t) => {
  for (const [reason, ending] of [
    ['agent-ended', { result: 'success', reason: 'agent-ended', by: 'agent' }],
    ['refused', { result: 'upstream_error', reason: 'agent-refused' }],
    ['dropped', { result: 'upstream_error', reason: 'agent-dropped' }],
    ['worker-lost', { result: 'server_error', reason: 'media-lost' }],
  ] as const) {
    const { desk, sip, bridge } = buildDesk()
    const session = await placeCall(desk, REQUEST)
    sip.answer()
    bridge.sessions[0]!.agentClosed(reason)
    t.match(await session.over, ending, reason)
    t.same(sip.sent, ['INVITE', 'BYE'])
  }
})

t.test('a call ends in exactly one way, whatever comes after', async (t) => {
  const { desk, sip, recorded } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  sip.invites[0]!.listener.onEnded({ by: 'remote', reason: undefined })
  session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  sip.invites[0]!.listener.onEnded({ by: 'lost' })
  await session.over
  await settle()
  t.equal(recorded.filter(({ type }) => type === 'call.ended').length, 1)
  t.notOk(sip.sent.includes('BYE'), 'the far end said goodbye already')
})

t.test('an answer without usable audio is ended at once, with no agent', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.answer(REMOTE_SDP.replace('RTP/AVP 0', 'RTP/AVP 9'))
  t.match(await session.over, { result: 'upstream_error', reason: 'media-not-acceptable' })
  t.same(sip.sent, ['INVITE', 'BYE'])
  t.notOk(bridge.sessions[0]!.did.includes('open'))
})

t.test(
  'a 200 OK without SDP: the answer is the first that its own early dialog brought',
  async (t) => {
    const { desk, sip, bridge } = buildDesk()
    const session = await placeCall(desk, REQUEST)
    const { listener } = sip.invites[0]!
    const at = (port: number) => REMOTE_SDP.replace('4000', String(port))
    listener.onProvisional(provisional(180, '', 'b'))
    listener.onProvisional(provisional(183, at(4002), 'b'))
    listener.onProvisional(provisional(183, at(4004), 'b'))
    listener.onProvisional(provisional(183, at(4006), 'another'))
    sip.answer('')
    t.ok(bridge.sessions[0]!.did.includes('open'))
    t.match(bridge.sessions[0]!.remote, { port: 4002 })
    session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
    await session.over
  },
)

t.test('its own SDP counts, and that of another phone does not', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onProvisional(provisional(183, REMOTE_SDP, 'b'))
  sip.answer(REMOTE_SDP.replace('4000', '4002'))
  t.match(bridge.sessions[0]!.remote, { port: 4002 })
  session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  const forked = await placeCall(desk, REQUEST)
  const { listener } = sip.invites[1]!
  for (let phone = 0; phone < 100; phone += 1)
    listener.onProvisional(provisional(183, REMOTE_SDP, `another ${phone}`))
  sip.answer('')
  t.match(await forked.over, { result: 'upstream_error', reason: 'media-not-acceptable' })
  t.notOk(bridge.sessions[1]!.did.includes('open'))
})

t.test('asked for our offer, we offer all, and the ACK brings the answer', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  const { listener } = sip.invites[0]!
  const versionOf = (reply: object) => Number(/o=- \d+ (\d+)/.exec(JSON.stringify(reply))?.[1])
  const held = listener.onReoffer(`${REMOTE_SDP}a=inactive\r\n`, SOURCE)
  const offer = listener.onReoffer('', SOURCE)
  t.match(offer, { sdp: /a=sendrecv/ })
  t.equal(versionOf(offer), versionOf(held) + 1)
  listener.onAcknowledged(REMOTE_SDP.replace('4000', '4002'), SOURCE)
  t.match(bridge.sessions[0]!.remote, { port: 4002, receives: true })
  listener.onAcknowledged('', SOURCE)
  t.notOk(session.isEnding(), 'what was agreed stays')
  session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  await session.over
})

t.test('evidence of another call opens nothing and ends the call as our fault', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  const other = await placeCall(desk, REQUEST)
  const stolen = sip.dialog(other.identity.callId, 'sip-9', REMOTE_SDP)
  const { agent } = REQUEST
  session.answered(stolen, answererOf(desk, session, { kind: 'agent', agent }), REQUEST.maxDuration)
  t.match(await session.over, { result: 'server_error', reason: 'internal-error' })
  t.notOk(bridge.sessions[0]!.did.includes('open'))
  other.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  sip.invites[1]!.listener.onFailed({ status: 487, local: false, lost: false })
})

t.test('ended before it was dialled: whoever asked is told by whose will', async (t) => {
  const cases = [
    [termination('server_error', 'shutdown', 'gateway'), 'DRAINING'],
    [termination('server_error', 'media-lost', 'gateway'), 'MEDIA_SERVER_FAILED'],
    [termination('client_error', 'canceled', 'api'), 'CALL_ENDED'],
  ] as const
  for (const [ending, code] of cases) {
    const { desk, sip } = buildDesk()
    const open = (): Promise<void> => {
      desk.registry.sessions.at(-1)?.end(ending)
      return Promise.resolve()
    }
    const journal = { ...desk.journal, open }
    await t.rejects(placeCall({ ...desk, journal }, REQUEST), { code }, ending.reason)
    t.equal(sip.invites.length, 0)
  }
})

t.test('refusals leave nothing behind', async (t) => {
  const { desk, sip, bridge, journaled } = buildDesk({ maxOutboundCallsPerSecond: 1 })
  await t.rejects(placeCall(desk, { ...REQUEST, to: '+15551234567' as E164 }), {
    code: 'NUMBER_NOT_ALLOWED',
  })
  await t.rejects(placeCall(desk, { ...REQUEST, from: NUMBER }), { code: 'FROM_NOT_ALLOWED' })
  bridge.exhausted = true
  await t.rejects(placeCall(desk, REQUEST), { code: 'MEDIA_EXHAUSTED' })
  await t.rejects(placeCall(desk, REQUEST), { code: 'RATE_EXCEEDED', retryAfterSeconds: 1 })
  desk.draining = true
  await t.rejects(placeCall(desk, REQUEST), { code: 'DRAINING' })
  await settle()
  t.same([sip.sent, journaled, desk.registry.size], [[], [], 0])
})

t.test(
  'a re-INVITE moves the audio; one without usable audio is refused and changes nothing',
  async (t) => {
    const { desk, sip, bridge } = buildDesk()
    const session = await placeCall(desk, REQUEST)
    sip.answer()
    const { listener } = sip.invites[0]!
    t.match(listener.onReoffer(REMOTE_SDP.replace('4000', '4002'), SOURCE), {
      sdp: /m=audio 20000/,
    })
    t.match(bridge.sessions[0]!.remote, { port: 4002 })
    t.same(listener.onReoffer(REMOTE_SDP.replace('RTP/AVP 0', 'RTP/AVP 9'), SOURCE), {
      status: 488,
    })
    t.match(bridge.sessions[0]!.remote, { port: 4002 })
    session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
    await session.over
  },
)

t.test('a defect inside one call ends that call as our fault', async (t) => {
  const { desk, sip } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  sip.invites[0]!.listener.onDefect()
  t.match(await session.over, { result: 'server_error', reason: 'internal-error', by: 'gateway' })
  t.same(sip.sent, ['INVITE', 'BYE'])
})

t.test('the SIP server goes away while it rings: our fault, not the carrier’s', async (t) => {
  const { desk, sip } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.invites[0]!.listener.onFailed({ status: 503, local: true, lost: true })
  t.match(await session.over, { result: 'server_error', reason: 'sip-server-lost' })
})

t.test('without a SIP server a dial is refused and leaves nothing', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  sip.isConnected = false
  await t.rejects(placeCall(desk, REQUEST), { code: 'SIP_UNAVAILABLE' })
  await settle()
  t.equal(desk.registry.size, 0)
  t.same(bridge.sessions, [], 'nor has it taken ports')
})

t.test('no audio for 30 s ends the call, unless the far end holds it', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.answer()
  const { listener } = sip.invites[0]!
  const [media] = bridge.sessions
  media!.heard()
  media!.stalled(5000)
  t.match(listener.onReoffer(`${REMOTE_SDP}a=inactive\r\n`, SOURCE), { sdp: /a=inactive/ })
  t.match(media!.remote, { receives: false })
  media!.stalled(30_000)
  t.notOk(session.isEnding(), 'held')
  listener.onReoffer(REMOTE_SDP, SOURCE)
  t.match(media!.remote, { receives: true })
  media!.stalled(30_000)
  t.match(await session.over, { result: 'upstream_error', reason: 'media-lost' })
})

const HELD = ['sendonly', 'recvonly', 'inactive'].map((way) => `${REMOTE_SDP}a=${way}\r\n`)
HELD.push(REMOTE_SDP.replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0'))

t.test('held from the start and never heard: over after half a minute', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  for (const sdp of HELD) {
    const { desk, sip } = buildDesk()
    const session = await placeCall(desk, REQUEST)
    sip.answer(sdp)
    mock.timers.tick(30_999)
    t.notOk(session.isEnding())
    // To hold, to resume and to hold again is no sign of life.
    const { listener } = sip.invites[0]!
    listener.onReoffer(REMOTE_SDP, SOURCE)
    listener.onReoffer(sdp, SOURCE)
    mock.timers.tick(1)
    t.match(await session.over, { result: 'upstream_error', reason: 'media-lost' })
    t.ok(sip.sent.includes('BYE'))
  }
})

t.test('never heard and told so: a hold is no excuse', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const session = await placeCall(desk, REQUEST)
  sip.answer(HELD[1])
  bridge.sessions[0]!.stalled(30_000)
  t.match(await session.over, { result: 'upstream_error', reason: 'media-lost' })
})

t.test('a hold in the middle of a talk may last ten minutes', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  for (const sdp of HELD) {
    const { desk, sip, bridge } = buildDesk()
    const session = await placeCall(desk, { ...REQUEST, maxDuration: ms(3_600_000) })
    sip.answer()
    bridge.sessions[0]!.heard()
    const { listener } = sip.invites[0]!
    const offer = (again: string): void => void listener.onReoffer(again, SOURCE)
    offer(sdp)
    mock.timers.tick(599_000)
    offer(REMOTE_SDP)
    mock.timers.tick(60_000)
    t.notOk(session.isEnding(), 'it came back in time')
    offer(sdp)
    mock.timers.tick(300_000)
    offer(sdp)
    mock.timers.tick(299_999)
    t.notOk(session.isEnding())
    mock.timers.tick(1)
    t.match(await session.over, { reason: 'media-lost' }, 'a refreshed hold is the same hold')
  }
})
