// Calls that come in: the answer and its ACK, the BYE before it, CANCEL. Over real sockets.
import t from 'tap'
import { undisturbed } from '../../support/undisturbed.ts'
import {
  connectApp,
  delay,
  GIVE_UP_MS,
  openRig,
  routesSettle,
  type Any,
  type Teardown,
} from './harness.ts'
import { answeringRig, call, tagIn } from './inbound-call.ts'
import { SDP, SipPeer } from './sip-peer.ts'

const PAUSES_MS = [20, 40, 80, 160, 160]
/** What came late makes the next pause shorter. */
const LATE_MS = 12

/** A call whose 200 nobody acknowledges, and the pauses between six of them. */
async function unacknowledged(t: Teardown) {
  const { rig, peer } = await answeringRig(t)
  const { within } = call(peer, rig)
  const first = await peer.wait('200 INVITE')
  await peer.wait('200 INVITE', 6)
  const at = peer.received.filter(({ what }) => what === '200 INVITE').map(({ atMs }) => atMs)
  const gaps = at.slice(1).map((time, index) => time - at[index]!)
  const areKept = PAUSES_MS.every((pause, index) => gaps[index]! > pause - LATE_MS)
  return { rig, peer, within, first, gaps, areKept }
}

t.test('the 200 is repeated, T1 doubling to T2, until the ACK', async (t) => {
  const { rig, peer, within, first, gaps, areKept } = await undisturbed(
    LATE_MS,
    () => unacknowledged(t),
    (one) => one.areKept,
  )
  t.equal(peer.received[0]?.what, '100 INVITE', '100 at once')
  t.ok(areKept, `${PAUSES_MS.join(', ')} ms or a little more`, { gaps })
  within('ACK', 1, tagIn(first))
  await delay(40)
  const count = peer.count('200 INVITE')
  await delay(350)
  t.equal(peer.count('200 INVITE'), count, 'nothing after the ACK')
  within('BYE', 2, tagIn(first))
  await peer.wait('200 BYE')
  const { dialogs } = await rig.sip.stats()
  t.equal(dialogs, 0)
})

t.test('without an ACK the server hangs up after 64·T1 and says why', async (t) => {
  const ended = Promise.withResolvers<[number, string]>()
  const { rig, peer } = await answeringRig(t, (dialog) => {
    const answeredAt = performance.now()
    dialog.on('destroy', (_req: unknown, reason: string) =>
      ended.resolve([performance.now() - answeredAt, reason]),
    )
  })
  call(peer, rig)
  const bye = await peer.wait('BYE')
  t.match(bye.headers.get('Reason'), 'text="ACK timeout"')
  const [afterMs, reason] = await ended.promise
  t.equal(reason, 'ACK timeout')
  t.ok(afterMs > GIVE_UP_MS - 60 && afterMs < GIVE_UP_MS + 400, '64·T1', { afterMs })
  peer.reply(bye, '200 OK')
  await delay(30)
  t.match(await rig.sip.stats(), { dialogs: 0, ackTimeouts: 1 })
})

t.test('a BYE of the application waits for a late ACK (RFC 3261 §15)', async (t) => {
  const { rig, peer } = await answeringRig(t, (dialog) => {
    void dialog.destroy()
  })
  const { within } = call(peer, rig)
  const answer = await peer.wait('200 INVITE')
  await delay(300)
  t.equal(peer.count('BYE'), 0, 'held')
  t.ok(peer.count('200 INVITE') >= 4, 'and the 200 goes on being repeated')
  t.match(await rig.sip.stats(), { heldByes: 1 })
  within('ACK', 1, tagIn(answer))
  const bye = await peer.wait('BYE', 1, 200)
  t.notOk(bye.headers.has('Reason'), "the application's own BYE")
  peer.reply(bye, '200 OK')
  await delay(30)
  t.equal((await rig.sip.stats()).dialogs, 0)
})

t.test('a held BYE goes out after 64·T1 without any ACK, once', async (t) => {
  const destroyed = Promise.withResolvers<undefined>()
  const { rig, peer } = await answeringRig(t, (dialog) => {
    dialog.destroy().then(() => destroyed.resolve(undefined), destroyed.reject)
  })
  call(peer, rig)
  const answer = await peer.wait('200 INVITE')
  const bye = await peer.wait('BYE')
  t.ok(bye.atMs - answer.atMs > GIVE_UP_MS - 60, 'not before 64·T1', {
    after: bye.atMs - answer.atMs,
  })
  peer.reply(bye, '200 OK')
  await destroyed.promise
  await delay(200)
  t.equal(
    new Set(peer.received.filter(({ what }) => what === 'BYE').map((m) => m.headers.get('CSeq')))
      .size,
    1,
  )
})

t.test('the caller hangs up without having acknowledged', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const { within } = call(peer, rig)
  const answer = await peer.wait('200 INVITE')
  within('BYE', 2, tagIn(answer))
  await peer.wait('200 BYE')
  const count = peer.count('200 INVITE')
  await delay(300)
  t.equal(peer.count('200 INVITE'), count, 'the 200 is not repeated any more')
  t.equal((await rig.sip.stats()).dialogs, 0)
})

t.test('CANCEL while it rings: 200, 487, and the application hears of it', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  const canceled = Promise.withResolvers<undefined>()
  const late = Promise.withResolvers<unknown>()
  srf.invite((req: Any, res: Any) => {
    req.on('cancel', () => {
      canceled.resolve(undefined)
      res.send(200, { body: SDP }, (error: unknown) => late.resolve(error))
    })
    res.send(180)
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const { within, branch } = call(peer, rig)
  const ringing = await peer.wait('180 INVITE')
  within('CANCEL', 1, undefined, branch)
  await peer.wait('200 CANCEL')
  const ended = await peer.wait('487 INVITE')
  t.equal(tagIn(ended), tagIn(ringing), 'the same To tag')
  await canceled.promise
  t.equal(await late.promise, 'Response not sent due to unknown transaction')
  await peer.wait('487 INVITE', 3)
  within('ACK', 1, tagIn(ended), branch)
  await delay(30)
  const count = peer.count('487 INVITE')
  await delay(200)
  t.equal(peer.count('487 INVITE'), count, 'repeated until its ACK only')
  t.match(await rig.sip.stats(), { dialogs: 0 })
})

t.test('CANCEL that crosses the 200 has no effect on the call', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const { within, branch } = call(peer, rig)
  const answer = await peer.wait('200 INVITE')
  within('CANCEL', 1, undefined, branch)
  await peer.wait('200 CANCEL')
  within('ACK', 1, tagIn(answer))
  await delay(50)
  t.equal(peer.count('487 INVITE'), 0)
  t.equal((await rig.sip.stats()).dialogs, 1)
  within('BYE', 2, tagIn(answer))
  await peer.wait('200 BYE')
})
