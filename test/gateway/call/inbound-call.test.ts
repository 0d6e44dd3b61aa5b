import t, { type Test } from 'tap'
import { mock } from 'node:test'
import type { CallId, DialogIdentity } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { buildDesk, settle } from '../../support/build-desk.ts'
import { takeCall } from '../../../gateway/call/inbound-call.ts'
import { LARGEST_FRAME_BYTES } from '../../../gateway/sip/drachtio-frames.ts'
import { FakeInvite, REMOTE_SDP, SOURCE } from '../../support/fake-sip.ts'

t.test('a caller hears ringing, is answered, and only then is the agent opened', async (t) => {
  const { desk, sip, bridge, types, journaled } = buildDesk()
  const invite = sip.receive()
  await settle()
  t.same(sip.sent, ['180', '200'])
  t.match(journaled, [{ direction: 'inbound', from: '+4930111111', to: 'agent' }])
  t.match(invite.answerSdp, /m=audio 20000 RTP\/AVP 0/)
  t.same(bridge.sessions[0]!.did, ['prewarm', 'open'])
  t.same(types(), ['sip.invite', 'agent.prewarmed', 'sip.provisional', 'sip.answered'])
  invite.dialogListener!.onAcknowledged('', SOURCE)
  invite.dialogListener!.onEnded({ by: 'remote', reason: undefined })
  await settle()
  t.equal(desk.registry.size, 0)
})

t.test('a caller’s user that is no number stands in the record as it is', async (t) => {
  for (const [fromUser, from] of [
    ['alice', 'alice'],
    ['4930555111', '+4930555111'],
    ['100', '100'],
    [null, null],
    ['<b>', null],
  ] as const) {
    const { sip, journaled } = buildDesk()
    sip.handler(Object.assign(new FakeInvite(sip, REMOTE_SDP), { fromUser }))
    await settle()
    t.equal(journaled[0]!.from, from)
  }
})

t.test('the 200 OK leaves when the dialog it makes is durable, and not before', async (t) => {
  const { desk, sip, bridge } = buildDesk()
  const prepared: unknown[] = []
  let disk = Promise.withResolvers<undefined>()
  const answering = (_callId: CallId, dialog: DialogIdentity): Promise<undefined> => {
    prepared.push(dialog)
    return disk.promise
  }
  const journal = { ...desk.journal, answering }
  sip.onInvite((invite) => void takeCall({ ...desk, journal }, invite))
  const invite = sip.receive()
  await settle()
  t.same(sip.sent, ['180'])
  t.match(prepared, [{ sipCallId: invite.sipCallId }])
  disk.resolve(undefined)
  await settle()
  t.same(sip.sent, ['180', '200'])

  disk = Promise.withResolvers()
  sip.receive()
  await settle()
  disk.reject(new AppError('DATABASE_UNAVAILABLE', 'it did not take a 200 OK in time'))
  await settle()
  t.same(sip.sent.slice(2), ['180', '503'])

  disk = Promise.withResolvers()
  const canceled = sip.receive()
  await settle()
  canceled.cancel()
  disk.resolve(undefined)
  await settle()
  t.same(sip.sent.slice(4), ['180'], 'canceled meanwhile: no 200 OK')
  t.equal(bridge.sessions.filter(({ did }) => did.includes('open')).length, 1)
})

t.test('no codec in common is 488, an agent that is not there its own status', async (t) => {
  const { sip, decision, bridge } = buildDesk()
  sip.receive(REMOTE_SDP.replace('RTP/AVP 0', 'RTP/AVP 9'))
  await settle()
  decision.next = { kind: 'refused', sipStatus: 480 }
  sip.receive()
  await settle()
  t.same(sip.sent, ['488', '480'])
  t.equal(bridge.sessions.length, 0, 'no port was taken')
})

t.test('an offer whose answer nobody could send is 488: a caller is owed an answer', async (t) => {
  const refusedToo = (lines: number): string =>
    REMOTE_SDP + 'm=video 4002 RTP/AVP 96 97 98 99\r\n'.repeat(lines)
  const { sip } = buildDesk()
  sip.receive(refusedToo(400))
  await settle()
  const large = sip.receive(refusedToo(170))
  await settle()
  t.same(sip.sent, ['488', '180', '200'])
  t.ok(Buffer.byteLength(large.answerSdp) < LARGEST_FRAME_BYTES - 3000, 'with its headers')
})

t.test('a directory that fails is our fault, and the caller may try again', async (t) => {
  const { desk, sip, recorded } = buildDesk()
  const resolveInbound = () => Promise.reject(new Error('the database is away'))
  const directory = { ...desk.directory, resolveInbound }
  sip.onInvite((invite) => void takeCall({ ...desk, directory }, invite))
  sip.receive()
  await settle()
  t.same(sip.sent, ['480'])
  t.match(recorded.at(-1), {
    type: 'call.ended',
    data: { termination: { result: 'server_error', reason: 'not-admitted', sipStatus: 480 } },
  })
})

t.test('too many calls are 503 with Retry-After and leave no record', async (t) => {
  const { sip, journaled, desk } = buildDesk({ maxInboundCallsPerSecond: 1 })
  sip.receive()
  sip.receive()
  await settle()
  t.ok(sip.sent.includes('503 after 1'))
  desk.draining = true
  sip.receive()
  t.ok(sip.sent.includes('503 after 30'))
  t.equal(journaled.length, 1)
  for (const session of desk.registry.sessions)
    session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
})

t.test('no free port is 503 and the record says so', async (t) => {
  const { sip, bridge, recorded } = buildDesk()
  bridge.exhausted = true
  sip.receive()
  await settle()
  t.same(sip.sent, ['503'])
  t.match(recorded.at(-1), {
    type: 'call.ended',
    data: { termination: { result: 'server_error' } },
  })
})

t.test(
  'a CANCEL during ringing ends the call as client_error/canceled, with no agent',
  async (t) => {
    const { sip, bridge, recorded, desk } = buildDesk()
    const invite = sip.receive()
    invite.cancel()
    await settle()
    t.match(recorded.at(-1), {
      type: 'call.ended',
      data: {
        termination: { result: 'client_error', reason: 'canceled', by: 'caller', sipStatus: 487 },
      },
    })
    t.notOk(sip.sent.includes('200'))
    t.ok(bridge.sessions.every((session) => session.closed && !session.did.includes('open')))
    t.equal(desk.registry.size, 0)
  },
)

t.test('no ACK in 4 s closes the agent and ends the call; an ACK in time does not', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { sip, bridge, desk, recorded } = buildDesk()
  const kept = sip.receive()
  await settle()
  kept.dialogListener!.onAcknowledged('', SOURCE)
  mock.timers.tick(2000)
  sip.receive()
  await settle()
  mock.timers.tick(3999)
  t.notOk(bridge.sessions[1]!.did.includes('closeAgent no-ack'))
  mock.timers.tick(1)
  await settle()
  t.same(bridge.sessions[1]!.did, ['prewarm', 'open', 'closeAgent no-ack', 'close'])
  t.notOk(bridge.sessions[0]!.closed)
  t.match(recorded.at(-1), { data: { termination: { reason: 'no-ack' } } })
  desk.registry.sessions[0]!.end({
    result: 'success',
    reason: 'hangup',
    by: 'api',
    sipStatus: null,
  })
})

t.test('a delayed offer is answered with ours, and the ACK brings the address', async (t) => {
  const { sip, bridge, desk } = buildDesk()
  const invite = sip.receive('')
  await settle()
  t.match(invite.answerSdp, /m=audio 20000 RTP\/AVP 0/)
  t.equal(bridge.sessions[0]!.remote, undefined)
  invite.dialogListener!.onAcknowledged(REMOTE_SDP, SOURCE)
  t.match(bridge.sessions[0]!.remote, { port: 4000 })
  desk.registry.sessions[0]!.end({
    result: 'success',
    reason: 'hangup',
    by: 'api',
    sipStatus: null,
  })
})

t.test('a delayed offer whose ACK brings no audio we can use ends the call', async (t) => {
  for (const answer of [
    '',
    REMOTE_SDP.replace('RTP/AVP 0', 'RTP/AVP 9'),
    'v=0\r\na=rtpmap:0 8000',
  ]) {
    const { sip, recorded } = buildDesk()
    const invite = sip.receive('')
    await settle()
    invite.dialogListener!.onAcknowledged(answer, SOURCE)
    await settle()
    t.match(recorded.at(-1), { data: { termination: { reason: 'media-not-acceptable' } } })
    t.ok(sip.sent.includes('BYE'))
  }
})

t.test('once media is agreed, an answer we cannot use leaves it as it was', async (t) => {
  const { sip, bridge, desk } = buildDesk()
  const invite = sip.receive('')
  await settle()
  const listener = invite.dialogListener!
  listener.onAcknowledged(REMOTE_SDP, SOURCE)
  t.match(listener.onReoffer(`${REMOTE_SDP}a=inactive\r\n`, SOURCE), { sdp: /a=inactive/ })
  listener.onAcknowledged(undefined, SOURCE)
  t.match(
    listener.onReoffer('', SOURCE),
    { sdp: /a=sendrecv/ },
    'asked for our offer, we offer all',
  )
  for (const answer of ['', 'v=0', REMOTE_SDP.replace('RTP/AVP 0', 'RTP/AVP 9')]) {
    listener.onAcknowledged(answer, SOURCE)
    t.match(bridge.sessions[0]!.remote, { port: 4000, receives: false })
  }
  listener.onAcknowledged(REMOTE_SDP.replace('4000', '4002'), SOURCE)
  t.match(bridge.sessions[0]!.remote, { port: 4002, receives: true })
  await settle()
  t.same(sip.sent, ['180', '200'])
  desk.registry.sessions[0]!.end({
    result: 'success',
    reason: 'hangup',
    by: 'api',
    sipStatus: null,
  })
})

t.test(
  'ended while our 200 OK is on its way: BYE to it, and one story in the record',
  async (t) => {
    const { sip, desk, types, bridge } = buildDesk()
    const sending = Promise.withResolvers<undefined>()
    const invite = sip.receive()
    invite.beforeAnswered = sending.promise
    await settle()
    t.ok(invite.isAnswering)
    desk.registry.sessions[0]!.end({
      result: 'server_error',
      reason: 'shutdown',
      by: 'gateway',
      sipStatus: null,
    })
    await settle()
    t.equal(desk.registry.size, 1, 'the call is not over before its BYE')
    sending.resolve(undefined)
    await settle()
    t.same(sip.sent, ['180', '200', 'BYE'])
    t.match(types(), /sip.answered,sip.bye,call.ended$/)
    t.notOk(bridge.sessions[0]!.did.includes('open'))
    t.equal(desk.registry.size, 0)
  },
)

t.test('our 200 OK fails because CANCEL was faster: canceled, and no fault of ours', async (t) => {
  const { sip, recorded, desk } = buildDesk()
  const invite = sip.receive()
  invite.beforeAnswered = Promise.reject(new Error('unknown transaction'))
  invite.beforeAnswered.catch(() => invite.cancel())
  await settle()
  await settle()
  t.match(recorded.at(-1), {
    data: { termination: { result: 'client_error', reason: 'canceled', sipStatus: 487 } },
  })
  t.equal(desk.registry.size, 0)
})

t.test('a call that waits for a late ACK can be given up: record and media close', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { sip, desk, bridge, recorded } = buildDesk()
  sip.neverAnswersBye = true
  sip.receive()
  await settle()
  mock.timers.tick(4000)
  await settle()
  t.notOk(bridge.sessions[0]!.closed, 'the port is kept')
  for (const session of desk.registry.sessions) session.giveUp()
  await settle()
  t.ok(bridge.sessions[0]!.closed)
  t.match(recorded.at(-1), { type: 'call.ended', data: { termination: { reason: 'no-ack' } } })
  t.equal(desk.registry.size, 0)
})

t.test('a call that waits for a late ACK holds no slot', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { sip, desk } = buildDesk({ maxConcurrentCalls: 1 })
  sip.neverAnswersBye = true
  sip.receive()
  await settle()
  sip.receive()
  t.ok(sip.sent.includes('503 after 10'), 'the slot is taken')
  mock.timers.tick(4000)
  await settle()
  t.equal(desk.registry.size, 1)
  sip.receive()
  await settle()
  t.equal(sip.sent.filter((sent) => sent === '200').length, 2, 'and free again')
  for (const session of desk.registry.sessions)
    session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
})

const MANY = { maxConcurrentCalls: 100, maxInboundCallsPerSecond: 1000 }

/** Twenty callers who do not acknowledge: from now on agents wait for the ACK. */
async function flooded(t: Test) {
  const stage = buildDesk(MANY)
  const { sip, desk, bridge } = stage
  t.teardown(() => {
    for (const session of desk.registry.sessions)
      session.end({ result: 'success', reason: 'hangup', by: 'api', sipStatus: null })
  })
  for (let index = 0; index < 20; index += 1) sip.receive()
  await settle()
  t.equal(bridge.sessions.filter(({ did }) => did.includes('open')).length, 20)
  return stage
}

t.test('while callers do not acknowledge, the agent is opened by the ACK, once', async (t) => {
  const { sip, bridge, recorded } = await flooded(t)
  const invite = sip.receive()
  await settle()
  const media = bridge.sessions.at(-1)!
  t.same(media.did, ['prewarm'], 'answered, but with no agent')
  const { callId } = recorded.at(-1)!
  invite.dialogListener!.onAcknowledged('', SOURCE)
  t.same(media.did, ['prewarm', 'open'], 'the evidence of the 200 OK is good for it')
  invite.dialogListener!.onAcknowledged('', SOURCE)
  t.same(media.did, ['prewarm', 'open'], 'an ACK that is repeated opens no second one')
  const own = recorded.filter((event) => event.callId === callId).map(({ type }) => type)
  t.match(own.slice(3), ['sip.answered', 'sip.acknowledged'])
})

t.test('an agent that waits is never opened for a call that is over or has no audio', async (t) => {
  const { sip, bridge, desk } = await flooded(t)
  const ended = sip.receive()
  await settle()
  const endedMedia = bridge.sessions.at(-1)!
  desk.registry.sessions.at(-1)!.end({
    result: 'success',
    reason: 'hangup',
    by: 'api',
    sipStatus: null,
  })
  ended.dialogListener!.onAcknowledged('', SOURCE)
  t.notOk(endedMedia.did.includes('open'))
  const delayed = sip.receive('')
  await settle()
  const delayedMedia = bridge.sessions.at(-1)!
  delayed.dialogListener!.onAcknowledged(REMOTE_SDP.replace('RTP/AVP 0', 'RTP/AVP 9'), SOURCE)
  await settle()
  t.notOk(delayedMedia.did.includes('open'))
  t.ok(delayedMedia.closed)
})

t.test('an ACK that overtakes the word of our own 200 OK counts', async (t) => {
  const { sip, bridge } = await flooded(t)
  const invite = sip.receive()
  const sending = Promise.withResolvers<undefined>()
  invite.beforeAnswered = sending.promise
  await settle()
  invite.dialogListener!.onAcknowledged('', SOURCE)
  sending.resolve(undefined)
  await settle()
  t.ok(bridge.sessions.at(-1)!.did.includes('open'), 'it does not wait for another one')
})

t.test('a caller who hangs up is no forger, acknowledged or not', async (t) => {
  const { sip, bridge } = buildDesk(MANY)
  for (let index = 0; index < 25; index += 1) {
    const invite = sip.receive()
    await settle()
    invite.dialogListener!.onEnded({ by: 'remote', reason: undefined })
  }
  t.ok(bridge.sessions.every(({ did }) => did.includes('open')))
})
