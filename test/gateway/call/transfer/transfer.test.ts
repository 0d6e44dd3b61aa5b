// A caller is handed to a human: which way, who is rung how often, and when the agent goes.
import t from 'tap'
import { termination, type E164, type Trunk } from '../../../../core/contracts/index.ts'
import { AppError } from '../../../../core/errors/index.ts'
import { beginTransfer } from '../../../../gateway/call/transfer/begin-transfer.ts'
import { placeCall } from '../../../../gateway/call/outbound-call.ts'
import { buildDesk, REQUEST, TRUNK } from '../../../support/build-desk.ts'
import type { FakeMediaSession } from '../../../support/fake-bridge.ts'
import { provisional } from '../../../support/fake-sip.ts'
import { accepted, answeredCall, ASKED, HUMAN, later } from './transfer-stage.ts'

const SECOND: Trunk = { ...TRUNK, name: 'second', domain: '127.0.0.1:5082' }
const failure = (status: number) => ({ status, local: false, lost: false })

t.test('what is refused leaves nothing behind', async (t) => {
  const unanswered = buildDesk()
  const session = await placeCall(unanswered.desk, REQUEST)
  t.equal(beginTransfer(unanswered.desk, session, ASKED), 'not-answered')
  t.equal(beginTransfer(unanswered.desk, undefined, ASKED), 'not-live')
  session.failed(failure(486))
  const { begin, story, desk, sip, session: answered } = await answeredCall(t)
  for (const mode of ['auto', 'refer', 'bridge'] as const)
    t.throws(
      () => begin({ to: '+74951234567' as E164, mode }),
      { code: 'NUMBER_NOT_ALLOWED' },
      mode,
    )
  desk.draining = true
  t.throws(() => begin(), { code: 'DRAINING' })
  desk.draining = false
  desk.trunks.replace([])
  t.throws(() => begin(), { code: 'NO_TRUNK' })
  t.throws(() => begin({ mode: 'refer' }), { code: 'NO_TRUNK' })
  t.same(story(), [])
  t.same(sip.sent, ['INVITE'])
  desk.trunks.replace([TRUNK])
  t.equal(begin(), 'begun')
  t.equal(begin(), 'transferring')
  await later()
  answered.end(termination('success', 'hangup', 'api'))
  t.equal(begin(), 'not-live')
})

t.test('an inbound caller that has not acknowledged is nobody to transfer', async (t) => {
  const { desk, sip } = buildDesk()
  const invite = sip.receive()
  await later()
  const [session] = desk.registry.sessions
  t.equal(beginTransfer(desk, session, ASKED), 'not-answered')
  invite.dialogListener?.onAcknowledged(undefined, '127.0.0.1')
  t.equal(beginTransfer(desk, session, ASKED), 'begun')
  session?.end(termination('success', 'hangup', 'api'))
})

t.test(
  'REFER: the agent talks until the human answers, then the call is the carrier’s',
  async (t) => {
    const { begin, sip, media, tell, story, session, dataOf } = await answeredCall(t)
    sip.onRefer = accepted()
    begin()
    await later()
    t.ok(sip.sent.includes(`REFER <sip:${HUMAN}@127.0.0.1:5080>`))
    tell(100)
    tell(180)
    await later()
    t.notOk(media.did.includes('closeAgent transferred'), 'the agent is there while it rings')
    tell(200)
    await later()
    t.ok(media.did.includes('closeAgent transferred'))
    t.notOk(session.isEnding(), 'the carrier says BYE')
    sip.invites[0]?.listener.onEnded({ by: 'remote', reason: undefined })
    t.match(await session.over, { result: 'success', reason: 'transferred', by: 'api' })
    t.same(story(), [
      'transfer.requested',
      'transfer.referred',
      'transfer.progress',
      'transfer.progress',
      'transfer.progress',
      'transfer.answered',
      'sip.bye',
      'call.ended',
    ])
    t.same(dataOf('transfer.answered'), { dialog: null })
    t.equal(sip.invites.length, 1, 'nobody was rung by us')
  },
)

t.test('a carrier that says neither NOTIFY nor BYE is hung up on', async (t) => {
  const { begin, sip, media, session } = await answeredCall(t)
  sip.onRefer = accepted(false)
  begin({ by: 'agent' })
  await later()
  t.ok(media.did.includes('closeAgent transferred'), 'with the 202: nothing more will be told')
  t.match(await session.over, { reason: 'transferred', by: 'agent' })
  t.ok(sip.sent.includes('BYE'))
})

t.test('news that overtakes the answer to REFER is told behind it, and is believed', async (t) => {
  for (const [answer, reason] of [
    [202, 'transferred'],
    [408, 'transferred'],
  ] as const) {
    const { begin, sip, session, tell, story } = await answeredCall(t)
    sip.onRefer = () => {
      for (const status of [100, 180, 200]) tell(status)
      return Promise.resolve({ status: answer, tells: answer === 202 })
    }
    begin()
    await later()
    sip.invites[0]?.listener.onEnded({ by: 'remote', reason: undefined })
    t.match(await session.over, { reason })
    t.same(story().slice(1, 3), ['transfer.referred', 'transfer.progress'])
    t.equal(sip.invites.length, 1)
  }
})

t.test('a far end that tells the same over and over fills no record', async (t) => {
  const { begin, sip, session, tell, story } = await answeredCall(t)
  sip.onRefer = accepted()
  begin()
  await later()
  for (let n = 0; n < 1_000; n += 1) for (const status of [180, 183]) tell(status)
  for (let n = 0; n < 1_000; n += 1) for (const status of [200, 486, 180]) tell(status)
  await later()
  sip.invites[0]?.listener.onEnded({ by: 'remote', reason: undefined })
  t.match(await session.over, { reason: 'transferred' }, 'the first final word counts')
  t.same(story(), [
    'transfer.requested',
    'transfer.referred',
    'transfer.progress',
    'transfer.progress',
    'transfer.progress',
    'transfer.answered',
    'sip.bye',
    'call.ended',
  ])
})

t.test('a BYE after 202 is the carrier’s, after ringing it is the caller’s', async (t) => {
  for (const rings of [false, true]) {
    const { begin, sip, session, tell } = await answeredCall(t)
    sip.onRefer = accepted()
    begin()
    await later()
    tell(100)
    if (rings) tell(180)
    sip.invites[0]?.listener.onEnded({ by: 'remote', reason: undefined })
    t.match(await session.over, { reason: rings ? 'hangup' : 'transferred' })
  }
})

t.test(
  'the human the carrier called declines: nobody is rung twice, the agent goes on',
  async (t) => {
    for (const [status, detail] of [
      [486, 'busy'],
      [600, 'busy'],
      [603, 'declined'],
      [480, 'no-answer'],
      [404, 'rejected'],
    ] as const) {
      const { begin, sip, session, tell, dataOf, media } = await answeredCall(t)
      sip.onRefer = accepted()
      begin()
      await later()
      tell(status)
      await later()
      t.same(dataOf('transfer.failed'), { detail, sipStatus: status })
      t.match(media.informed, [/did not succeed/], 'the agent knows')
      t.equal(sip.invites.length, 1, `${status}`)
      t.notOk(session.isEnding() || media.did.includes('closeAgent transferred'))
      t.equal(begin(), 'begun', 'and it may be tried again')
    }
  },
)

t.test('REFER refused, unanswered or failed on its way: a second call is bridged', async (t) => {
  const roads: [string, () => Promise<{ status: number; tells: boolean }>, number?][] = [
    ['405', () => Promise.resolve({ status: 405, tells: false })],
    ['603', () => Promise.resolve({ status: 603, tells: false })],
    ['no answer', () => Promise.reject(new AppError('TIMED_OUT', 'late'))],
    ['NOTIFY 503', accepted(), 503],
  ]
  for (const [name, onRefer, told] of roads) {
    const { begin, sip, tell, dataOf } = await answeredCall(t)
    sip.onRefer = onRefer
    begin()
    await later()
    if (told !== undefined) tell(told)
    await later()
    t.equal(sip.invites.length, 2, name)
    t.match(sip.invites[1]?.options, { leg: 'second', requestUri: `sip:${HUMAN}@127.0.0.1:5080` })
    t.match(dataOf('transfer.invite'), { trunk: 'test' }, name)
  }
  const { begin, sip, dataOf } = await answeredCall(t)
  begin({ mode: 'refer' })
  await later()
  t.equal(sip.invites.length, 1, 'not where REFER alone was wanted')
  t.match(dataOf('transfer.failed'), { detail: 'refused', sipStatus: 405 })
})

t.test('a trunk says how it is done; a request that names a way wins', async (t) => {
  const bridging = await answeredCall(t, [{ ...TRUNK, transfer: 'bridge' }])
  bridging.begin()
  await later()
  t.notOk(bridging.sip.sent.some((sent) => sent.startsWith('REFER')))
  t.equal(bridging.sip.invites.length, 2)
  const referring = await answeredCall(t, [{ ...TRUNK, transfer: 'refer' }])
  referring.begin()
  await later()
  t.match(referring.dataOf('transfer.failed'), { detail: 'refused' })
  const asked = await answeredCall(t, [{ ...TRUNK, transfer: 'refer' }])
  asked.begin({ mode: 'bridge' })
  await later()
  t.equal(asked.sip.invites.length, 2)
})

t.test('bridge: joined as the human answers, the agent gone, the record whole', async (t) => {
  const { begin, sip, bridge, media, story, dataOf, session } = await answeredCall(t)
  begin({ mode: 'bridge' })
  await later()
  const [, leg] = bridge.sessions
  t.equal(leg?.beside, media)
  t.notOk(media.did.includes('join'))
  sip.invites[1]?.listener.onProvisional(provisional(180))
  const dialog = sip.answer()
  t.equal(dialog.evidence, null)
  t.same(media.did.slice(-2), ['join', 'closeAgent transferred'], 'in this order: no gap')
  t.equal(media.joined, leg)
  t.ok(leg?.remote)
  t.notOk(leg?.did.includes('open'))
  media.agentClosed('transferred')
  t.notOk(session.isEnding(), 'its caller talks to the human')
  t.same(dataOf('transfer.answered'), { dialog: dialog.identity })
  sip.invites[1]?.listener.onEnded({ by: 'remote', reason: undefined })
  t.match(await session.over, { result: 'success', reason: 'hangup', by: 'callee' })
  t.same(story(), [
    'transfer.requested',
    'transfer.invite',
    'transfer.answered',
    'transfer.ended',
    'sip.bye',
    'call.ended',
  ])
  t.same(dataOf('transfer.ended'), { by: 'human' })
  t.ok(leg?.closed && media.closed)
  t.equal(sip.sent.filter((sent) => sent === 'BYE').length, 1, 'the caller’s; the human hung up')
})

t.test('the caller hangs up: CANCEL to a phone that rings, BYE to a human who talks', async (t) => {
  const ringing = await answeredCall(t)
  ringing.begin({ mode: 'bridge' })
  await later()
  ringing.sip.invites[0]?.listener.onEnded({ by: 'remote', reason: undefined })
  await later()
  t.ok(ringing.sip.sent.includes('CANCEL'))
  ringing.sip.invites[1]?.listener.onFailed(failure(487))
  t.match(await ringing.session.over, { reason: 'hangup', by: 'callee' })
  t.match(ringing.dataOf('transfer.failed'), { detail: 'call-ended' })
  const talking = await answeredCall(t)
  talking.begin({ mode: 'bridge' })
  await later()
  talking.sip.answer()
  talking.sip.invites[0]?.listener.onEnded({ by: 'remote', reason: undefined })
  t.match(await talking.session.over, { reason: 'hangup', by: 'callee' })
  t.same(talking.dataOf('transfer.ended'), { by: 'gateway' })
  t.ok(talking.sip.sent.includes('BYE'))
})

t.test(
  'an answer that crosses our CANCEL is hung up, and the record waits for no more',
  async (t) => {
    const { begin, sip, session, media } = await answeredCall(t)
    begin({ mode: 'bridge' })
    await later()
    session.end(termination('success', 'hangup', 'api'))
    await later()
    sip.answer()
    t.notOk(media.did.includes('join'))
    t.match(await session.over, { reason: 'hangup' })
    t.equal(sip.sent.filter((sent) => sent === 'BYE').length, 2)
  },
)

t.test('a CANCEL that cannot be sent costs neither the port nor the call', async (t) => {
  const { begin, sip, session, bridge, dataOf } = await answeredCall(t)
  const invite = sip.invite.bind(sip)
  sip.invite = (...call) => ({
    ...invite(...call),
    cancel: () => {
      throw new Error('not connected')
    },
  })
  begin({ mode: 'bridge' })
  await later()
  session.end(termination('success', 'hangup', 'api'))
  t.match(await session.over, { reason: 'hangup' })
  t.ok((bridge.sessions[1] as FakeMediaSession).did.includes('close'))
  t.match(dataOf('transfer.failed'), { detail: 'call-ended' })
})

t.test('the human is busy, declines or has no audio we speak: the agent goes on', async (t) => {
  for (const [status, detail] of [
    [486, 'busy'],
    [603, 'declined'],
  ] as const) {
    const { begin, sip, bridge, media, dataOf, session } = await answeredCall(t, [TRUNK, SECOND])
    begin({ mode: 'bridge' })
    await later()
    sip.invites[1]?.listener.onFailed(failure(status))
    await later()
    t.same(dataOf('transfer.failed'), { detail, sipStatus: status })
    t.equal(sip.invites.length, 2, 'not rung by the other trunk')
    t.ok(bridge.sessions[1]?.closed)
    t.notOk(session.isEnding() || media.did.includes('closeAgent transferred'))
  }
  const mute = await answeredCall(t)
  mute.begin({ mode: 'bridge' })
  await later()
  mute.sip.answer('v=0\r\n')
  await later()
  t.match(mute.dataOf('transfer.failed'), { detail: 'media-not-acceptable' })
  t.ok(mute.sip.sent.includes('BYE'))
  t.notOk(mute.session.isEnding())
})

t.test('a trunk that fails is followed by the next one', async (t) => {
  const { begin, sip, dataOf, media } = await answeredCall(t, [TRUNK, SECOND])
  begin({ mode: 'bridge' })
  await later()
  const first = sip.invites[1]?.options.requestUri
  sip.invites[1]?.listener.onFailed(failure(503))
  await later()
  t.equal(sip.invites.length, 3)
  t.not(sip.invites[2]?.options.requestUri, first)
  sip.answer()
  t.equal(media.joined !== undefined, true)
  t.match(dataOf('transfer.answered'), { dialog: {} })
})

t.test('no port, no record: the agent goes on, and nobody is rung', async (t) => {
  const full = await answeredCall(t)
  full.bridge.exhausted = true
  full.begin({ mode: 'bridge' })
  await later()
  t.match(full.dataOf('transfer.failed'), { detail: 'MEDIA_EXHAUSTED' })
  const unrecorded = await answeredCall(t)
  unrecorded.desk.journal.dialling = () =>
    Promise.reject(new AppError('DATABASE_UNAVAILABLE', 'no disk'))
  unrecorded.begin({ mode: 'bridge' })
  await later()
  t.match(unrecorded.dataOf('transfer.failed'), { detail: 'DATABASE_UNAVAILABLE' })
  t.equal(unrecorded.sip.invites.length, 1)
  t.ok(unrecorded.bridge.sessions[1]?.closed)
})

t.test(
  'an agent that goes while the human’s phone rings ends nothing, unless nobody comes',
  async (t) => {
    const answered = await answeredCall(t)
    answered.begin({ mode: 'bridge' })
    await later()
    answered.media.agentClosed('agent-ended')
    t.notOk(answered.session.isEnding())
    answered.sip.answer()
    t.ok(answered.media.joined)
    t.notOk(answered.session.isEnding())
    const declined = await answeredCall(t)
    declined.begin({ mode: 'bridge' })
    await later()
    declined.media.agentClosed('agent-ended')
    declined.sip.invites[1]?.listener.onFailed(failure(486))
    t.match(await declined.session.over, { reason: 'agent-ended', by: 'agent' })
    const lost = await answeredCall(t)
    lost.begin({ mode: 'bridge' })
    await later()
    lost.media.agentClosed('worker-lost')
    lost.sip.invites[1]?.listener.onFailed(failure(487))
    t.match(await lost.session.over, { reason: 'media-lost' }, 'without audio nobody waits')
  },
)

t.test('a human who is not there any more ends the call', async (t) => {
  const { begin, sip, bridge, session } = await answeredCall(t)
  begin({ mode: 'bridge' })
  await later()
  sip.answer()
  bridge.sessions[1]?.heard()
  bridge.sessions[1]?.stalled(30_000)
  t.match(await session.over, { result: 'upstream_error', reason: 'media-lost' })
})
