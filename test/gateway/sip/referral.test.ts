// Our REFERs on the wire (RFC 3515, RFC 4488, RFC 6665), the same on the embedded server and on a real drachtio-server;
// theirs are declined: nobody makes us dial.
import t, { type Test } from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { drachtioServerOptions } from '../../support/drachtio-server.ts'
import { eventually } from '../../support/process.ts'
import { openDrachtioServerStage, openDrachtioStage, type DrachtioStage } from './drachtio-stage.ts'
import { placedCall, takenCall, type FarEnd } from './established-dialog.ts'

const HUMAN = '<sip:+4930999999@carrier.example>'
const SOON = ms(5000)

function notify({ ask }: FarEnd, fragment: string, state: string, event = 'refer'): void {
  const headers = [`Event: ${event}`, `Subscription-State: ${state}`]
  ask('NOTIFY', [...headers, 'Content-Type: message/sipfrag;version=2.0'], `${fragment}\r\n`)
}

function suite(t: Test, open: (t: Test) => Promise<DrachtioStage>): void {
  t.test('the far end is asked to dial, and what it tells of it is heard', async (t) => {
    const far = await placedCall(t, await open(t))
    const { peer, dialog, call } = far
    const sent = dialog.refer(HUMAN, SOON)
    const refer = await peer.wait('REFER')
    t.equal(refer.headers.get('Refer-To'), HUMAN)
    t.match(refer.headers.get('Contact'), /<sip:user@127/)
    // Before the answer, as it may be.
    notify(far, 'SIP/2.0 100 Trying', 'active;expires=60')
    await peer.wait('200 NOTIFY')
    peer.reply(refer, '202 Accepted')
    t.same(await sent, { status: 202, tells: true })
    notify(far, 'SIP/2.0 180 Ringing', 'active;expires=60', 'refer;id=2')
    notify(far, 'SIP/2.0 200 OK', 'terminated;reason=noresource')
    await peer.wait('200 NOTIFY', 3)
    t.same(call.progress, [100, 180, 200])
    notify(far, 'SIP/2.0 200 OK', 'terminated;reason=noresource')
    await peer.wait('481 NOTIFY')
    t.same(call.progress, [100, 180, 200], 'it was over')
  })

  t.test('of a call that came in too; what is no news of it is refused', async (t) => {
    const far = await takenCall(t, await open(t))
    const { peer, dialog, call, ask } = far
    notify(far, 'SIP/2.0 200 OK', 'active')
    await peer.wait('481 NOTIFY')
    notify(far, 'SIP/2.0 200 OK', 'active', 'presence')
    await peer.wait('489 NOTIFY')
    const sent = dialog.refer(HUMAN, SOON)
    peer.reply(await peer.wait('REFER'), '202 Accepted')
    await sent
    ask('NOTIFY', ['Event: refer', 'Subscription-State: active', 'Content-Type: text/plain'], 'hi')
    await peer.wait('415 NOTIFY')
    notify(far, 'SIP/2.0 900 Strange', 'active')
    await peer.wait('200 NOTIFY')
    t.same(call.progress, [])
  })

  t.test('refused, challenged, without news, unanswered, or of a call that is over', async (t) => {
    const far = await placedCall(t, await open(t))
    const { peer, dialog, ask } = far
    const refused = dialog.refer(HUMAN, SOON)
    peer.reply(await peer.wait('REFER'), '405 Method Not Allowed')
    t.same(await refused, { status: 405, tells: false })
    notify(far, 'SIP/2.0 200 OK', 'active')
    await peer.wait('481 NOTIFY')
    const challenged = dialog.refer(HUMAN, SOON)
    peer.reply(await peer.wait('REFER', 2), '401 Unauthorized', {
      headers: ['WWW-Authenticate: Digest realm="carrier", nonce="n1", qop="auth"'],
    })
    const again = await peer.wait('REFER', 3)
    t.match(again.headers.get('Authorization'), /nonce="n1"/)
    t.equal(again.headers.get('Refer-To'), HUMAN)
    peer.reply(again, '202 Accepted', { headers: ['Refer-Sub: false'] })
    t.same(await challenged, { status: 202, tells: false })
    await t.rejects(dialog.refer(HUMAN, ms(100)), { code: 'TIMED_OUT' })
    const waiting = dialog.refer(HUMAN, SOON)
    ask('BYE')
    await t.rejects(waiting, { code: 'SIP_UNAVAILABLE' })
  })

  t.test('whoever asks us to dial is declined', async (t) => {
    const { peer, ask } = await takenCall(t, await open(t))
    ask('REFER', [`Refer-To: ${HUMAN}`])
    await peer.wait('603 REFER')
  })

  t.test('the answer of a second leg is evidence of nothing', async (t) => {
    const stage = await open(t)
    const first = await placedCall(t, stage)
    const second = await placedCall(t, stage, { leg: 'second' })
    t.not(first.dialog.evidence, null)
    t.equal(second.dialog.evidence, null)
    await eventually('a dialog', 1000, () => second.dialog.identity.remoteTag === 'far')
  })
}

t.test('on the embedded server', async (t) => suite(t, openDrachtioStage))
t.test('on drachtio-server', drachtioServerOptions, async (t) => suite(t, openDrachtioServerStage))
