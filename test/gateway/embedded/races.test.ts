// Races on the wire that need exact timing, each by its name. Others stand with their transactions: CANCEL before any
// response, forked 200s and a CANCEL nobody reacts to in uac.test.ts; the repeated 200 and the late ACK in uas-answer.test.ts.
import t from 'tap'
import { eventually } from '../../support/process.ts'
import {
  connectApp,
  delay,
  FAST,
  GIVE_UP_MS,
  openRig,
  routesSettle,
  type Any,
  type Rig,
} from './harness.ts'
import { answeringRig, call, tagIn } from './inbound-call.ts'
import { newBranch, requestText, SDP, SipPeer, type Received } from './sip-peer.ts'

type Teardown = Parameters<typeof openRig>[0]

/** An application that calls a peer, and the peer that is called. */
async function callingRig(t: Teardown) {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  const peer = await SipPeer.open(t)
  return { rig, srf, peer, uri: `sip:100@${peer.hostPort}` }
}

type Calling = Awaited<ReturnType<typeof callingRig>>

const contact = (peer: SipPeer) => `Contact: <sip:100@${peer.hostPort}>`

const answer = (peer: SipPeer, invite: Received, tag = 'a'): void =>
  peer.reply(invite, '200 OK', {
    tag,
    headers: [contact(peer), 'Content-Type: application/sdp'],
    body: SDP,
  })

/** Dials, and hands out what is needed to cancel. */
function dial({ srf, uri }: Calling) {
  const sent = Promise.withResolvers<Any>()
  const ended = srf
    .createUAC(
      uri,
      { localSdp: SDP },
      { cbRequest: (_error: unknown, req: Any) => sent.resolve(req) },
    )
    .then(
      (dialog: Any) => ({ dialog, status: 200 }),
      (error: Any) => ({ dialog: undefined, status: error.status as number }),
    ) as Promise<{ dialog: Any; status: number }>
  return { request: sent.promise, ended }
}

/** A call to the peer that stands. */
async function talking(calling: Calling) {
  const { peer } = calling
  const { ended } = dial(calling)
  const invite = await peer.wait('INVITE')
  answer(peer, invite)
  const { dialog } = await ended
  const ack = await peer.wait('ACK')
  const within = (method: string, seq: number, body = ''): void => {
    const lines = [
      `${method} sip:x@${calling.rig.address.host} SIP/2.0`,
      `Via: SIP/2.0/UDP ${peer.hostPort};branch=${newBranch()}`,
      ...['Max-Forwards: 70', contact(peer)],
      `From: ${ack.headers.get('To')}`,
      `To: ${invite.headers.get('From')}`,
      `Call-ID: ${invite.headers.get('Call-ID')}`,
      `CSeq: ${seq} ${method}`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      ...[`Content-Length: ${body.length}`, '', body],
    ]
    peer.send(lines.join('\r\n'), calling.rig.address)
  }
  return { dialog, invite, within }
}

/** Nothing of any call is left, once its transactions have run out. */
async function leavesNothing(rig: Rig, withinMs = 2 * GIVE_UP_MS + FAST.t4Ms + 500): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const { dialogs, transactions } = await rig.sip.stats()
    if (dialogs === 0 && transactions === 0) return
    if (performance.now() > deadline)
      throw new Error(`left behind: ${dialogs} dialogs, ${transactions} transactions`)
    await delay(20)
  }
}

t.test(
  'CANCEL crossing 200, called: the caller has canceled when our 200 is under way',
  async (t) => {
    const { rig, peer } = await answeringRig(t)
    const { branch, within } = call(peer, rig)
    // Both on the wire at once: the CANCEL is sent before the 200 is seen.
    within('CANCEL', 1, undefined, branch)
    await peer.wait('200 CANCEL')
    const final = await Promise.race([peer.wait('200 INVITE'), peer.wait('487 INVITE')])
    await delay(50)
    const finals = ['200 INVITE', '487 INVITE'].filter((what) => peer.count(what) > 0)
    t.same(finals, [final.what], 'one outcome only')
    if (final.what === '200 INVITE') {
      within('ACK', 1, tagIn(final))
      within('BYE', 2, tagIn(final))
      await peer.wait('200 BYE')
    } else within('ACK', 1, tagIn(final), branch)
    await leavesNothing(rig)
  },
)

t.test(
  'CANCEL crossing 200, calling: both CANCEL and 200 are repeated by a slow line',
  async (t) => {
    const calling = await callingRig(t)
    const { peer, rig } = calling
    const { ended, request } = dial(calling)
    const invite = await peer.wait('INVITE')
    peer.reply(invite, '180 Ringing', { tag: 'a' })
    await delay(20)
    ;(await request).cancel()
    const cancel = await peer.wait('CANCEL')
    answer(peer, invite)
    answer(peer, invite)
    peer.reply(cancel, '481 Call Leg/Transaction Does Not Exist')
    await peer.wait('ACK')
    peer.reply(await peer.wait('BYE'), '200 OK')
    await ended
    await delay(50)
    t.equal(
      new Set(peer.received.filter(({ what }) => what === 'BYE').map((m) => m.headers.get('CSeq')))
        .size,
      1,
    )
    await leavesNothing(rig)
  },
)

t.test('provisional after CANCEL: a 180 and a 183 that come late change nothing', async (t) => {
  const calling = await callingRig(t)
  const { peer, rig, srf, uri } = calling
  const provisional: number[] = []
  const sent = Promise.withResolvers<Any>()
  const ended = srf
    .createUAC(
      uri,
      { localSdp: SDP },
      {
        cbRequest: (_error: unknown, req: Any) => sent.resolve(req),
        cbProvisional: (res: Any) => provisional.push(res.status),
      },
    )
    .catch((error: Any) => error.status as number)
  const invite = await peer.wait('INVITE')
  peer.reply(invite, '180 Ringing', { tag: 'a' })
  await delay(20)
  ;(await sent.promise).cancel()
  const cancel = await peer.wait('CANCEL')
  peer.reply(invite, '183 Session Progress', { tag: 'a', headers: [contact(peer)] })
  peer.reply(cancel, '200 OK')
  peer.reply(invite, '180 Ringing', { tag: 'b', headers: [contact(peer)] })
  await delay(30)
  peer.reply(invite, '487 Request Terminated', { tag: 'a' })
  t.equal(await ended, 487)
  await peer.wait('ACK')
  t.equal(peer.count('CANCEL'), 1)
  t.equal(provisional[0], 180)
  await leavesNothing(rig)
})

t.test('BYE crossing BYE, called: either side gets its 200 or 481, once', async (t) => {
  const hungUp = Promise.withResolvers<Any>()
  const { rig, peer } = await answeringRig(t, (dialog) => {
    dialog.on('ack', () => hungUp.resolve(dialog.destroy()))
  })
  const { within } = call(peer, rig)
  const answered = await peer.wait('200 INVITE')
  within('ACK', 1, tagIn(answered))
  const bye = await peer.wait('BYE')
  within('BYE', 2, tagIn(answered))
  const ours = await Promise.race([peer.wait('200 BYE'), peer.wait('481 BYE')])
  t.match(ours.headers.get('CSeq'), '2 BYE')
  peer.reply(bye, '481 Call Leg/Transaction Does Not Exist')
  await hungUp.promise
  await leavesNothing(rig)
})

t.test('re-INVITE glare: 491 to theirs while ours is unanswered, and theirs to ours', async (t) => {
  const calling = await callingRig(t)
  const { peer, rig } = calling
  const { dialog, within } = await talking(calling)
  const modified = dialog.modify(SDP).then(
    () => 200,
    (error: Any) => error.status as number,
  )
  const ours = await peer.wait('INVITE', 2)
  within('INVITE', 7, SDP)
  await peer.wait('491 INVITE')
  within('ACK', 7)
  peer.reply(ours, '491 Request Pending')
  t.equal(await modified, 491, 'the application hears of it')
  await peer.wait('ACK', 2)
  // RFC 3261 §14.1: after a pause either may try again.
  within('INVITE', 8, SDP)
  await peer.wait('200 INVITE')
  within('ACK', 8)
  within('BYE', 9)
  await peer.wait('200 BYE')
  await leavesNothing(rig)
})

t.test(
  '200 lost: it is repeated until the ACK, and the caller’s INVITE again changes nothing',
  async (t) => {
    let calls = 0
    const { rig, peer } = await answeringRig(t, () => (calls += 1))
    const { invite, within } = call(peer, rig)
    await peer.wait('200 INVITE')
    // Whoever lost the 200 repeats its INVITE (timer A).
    peer.send(invite, rig.address)
    const third = await peer.wait('200 INVITE', 3)
    within('ACK', 1, tagIn(third))
    await delay(60)
    const count = peer.count('200 INVITE')
    await delay(300)
    t.equal(peer.count('200 INVITE'), count, 'silent since the ACK')
    t.equal(calls, 1)
    within('BYE', 2, tagIn(third))
    await peer.wait('200 BYE')
    await leavesNothing(rig)
  },
)

t.test('ACK lost: each repeated 200 gets the ACK again, also while we hang up', async (t) => {
  const calling = await callingRig(t)
  const { peer, rig } = calling
  const { dialog, invite } = await talking(calling)
  answer(peer, invite)
  await peer.wait('ACK', 2)
  const ended = dialog.destroy()
  const bye = await peer.wait('BYE')
  answer(peer, invite)
  await peer.wait('ACK', 3)
  peer.reply(bye, '200 OK')
  await ended
  await leavesNothing(rig)
})

t.test(
  'forked 200s: the second branch is acknowledged and hung up though its BYE is never answered',
  async (t) => {
    const calling = await callingRig(t)
    const { peer, rig } = calling
    const { dialog, invite } = await talking(calling)
    answer(peer, invite, 'second')
    const bye = await peer.wait('BYE')
    t.match(bye.headers.get('To'), 'tag=second')
    answer(peer, invite, 'second')
    const acks = () =>
      peer.received.filter(
        ({ what, headers }) => what === 'ACK' && /second/.test(headers.get('To') ?? ''),
      )
    while (acks().length < 2) await delay(5)
    const ended = dialog.destroy()
    peer.reply(await waitForBye(peer, 'tag=a'), '200 OK')
    await ended
    await leavesNothing(rig)
  },
)

async function waitForBye(peer: SipPeer, tag: string): Promise<Received> {
  for (let nth = 1; ; nth += 1) {
    const bye = await peer.wait('BYE', nth)
    if (bye.headers.get('To')?.endsWith(tag) === true) return bye
  }
}

t.test(
  'trunk vanishing between 183 and 200: CANCEL, 487 of our own after 64·T1, nothing left',
  async (t) => {
    const calling = await callingRig(t)
    const { peer, rig } = calling
    const { ended, request } = dial(calling)
    const invite = await peer.wait('INVITE')
    peer.reply(invite, '183 Session Progress', { tag: 'a', headers: [contact(peer)] })
    // From here on the trunk says nothing any more; the application's ring timeout ends the call.
    await delay(100)
    const canceledAt = performance.now()
    ;(await request).cancel()
    await eventually('CANCEL is repeated', 3000, () => peer.countWithRepeats('CANCEL') > 2)
    const { status } = await ended
    const afterMs = performance.now() - canceledAt
    t.equal(status, 487)
    t.ok(afterMs > GIVE_UP_MS - 100 && afterMs < GIVE_UP_MS + 1_000, '64·T1', { afterMs })
    await leavesNothing(rig)
  },
)

t.test('re-INVITE right behind the BYE: refused, and no new call to the application', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  let calls = 0
  srf.invite((req: Any, res: Any) => {
    calls += 1
    srf.createUAS(req, res, { localSdp: SDP }).catch(() => undefined)
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const { callId, within } = call(peer, rig)
  const answered = await peer.wait('200 INVITE')
  within('ACK', 1, tagIn(answered))
  const parts = { target: rig.target, peer, callId, toTag: tagIn(answered) }
  // In one burst: the application has not heard of the BYE when the INVITE comes.
  peer.send(requestText({ ...parts, method: 'BYE', seq: 2 }), rig.address)
  peer.send(requestText({ ...parts, method: 'INVITE', seq: 3, body: SDP }), rig.address)
  await peer.wait('200 BYE')
  await peer.wait('481 INVITE')
  within('ACK', 3, tagIn(answered))
  await delay(50)
  t.equal(calls, 1)
  await leavesNothing(rig)
})
