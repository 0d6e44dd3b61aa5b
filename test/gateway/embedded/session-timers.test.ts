// Session timers (RFC 4028), both sides of the agreement. The application sees nothing but the end.
import t from 'tap'
import {
  connectApp,
  delay,
  FAST,
  openRig,
  routesSettle,
  type Any,
  type Teardown,
} from './harness.ts'
import { call, tagIn } from './inbound-call.ts'
import { requestText, SDP, SipPeer, type Received } from './sip-peer.ts'

const TIMERS = { ...FAST, minSessionMs: 2_000 }
const ALLOW = 'Allow: INVITE, ACK, BYE, UPDATE'
const asks = (refresher: string, ...more: string[]): string[] => [
  'Supported: timer',
  `Session-Expires: 3;refresher=${refresher}`,
  ...more,
]

async function calledRig(t: Teardown, headers: string[]) {
  const rig = await openRig(t, { timers: TIMERS })
  const srf = await connectApp(t, rig)
  const ended = Promise.withResolvers<string>()
  const asked: string[] = []
  srf.invite((req: Any, res: Any) => {
    srf.createUAS(req, res, { localSdp: SDP }).then(
      (dialog: Any) => {
        dialog.on('destroy', (_req: unknown, reason: string) => ended.resolve(reason))
        for (const event of ['modify', 'update'])
          dialog.on(event, (_req: unknown, response: Any) => {
            asked.push(event)
            response.send(200, event === 'modify' ? { body: SDP } : {})
          })
      },
      () => undefined,
    )
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const leg = call(peer, rig, { headers })
  const answer = await peer.wait('200 INVITE')
  leg.within('ACK', 1, tagIn(answer))
  return { rig, peer, answer, ended: ended.promise, asked, ...leg }
}

t.test('the caller refreshes; when it stops, the call is ended', async (t) => {
  const { rig, peer, answer, callId, ended, asked } = await calledRig(t, asks('uac'))
  t.equal(answer.headers.get('Session-Expires'), '3;refresher=uac')
  t.equal(answer.headers.get('Require'), 'timer')
  await delay(1_200)
  const update = requestText({
    method: 'UPDATE',
    target: rig.target,
    peer,
    callId,
    seq: 2,
    toTag: tagIn(answer),
    headers: asks('uac'),
  })
  peer.send(update, rig.address)
  const refreshed = await peer.wait('200 UPDATE')
  t.equal(refreshed.headers.get('Session-Expires'), '3;refresher=uac')
  const bye = await peer.wait('BYE')
  const afterMs = bye.atMs - refreshed.atMs
  t.ok(afterMs > 1_900 && afterMs < 2_600, 'a third of the interval before its end', { afterMs })
  t.match(bye.headers.get('Reason'), 'text="Session timer expired"')
  peer.reply(bye, '200 OK')
  t.equal(await ended, 'Session timer expired')
  t.same(asked, ['update'])
  await delay(30)
  t.match(await rig.sip.stats(), { dialogs: 0, sessionsExpired: 1 })
})

t.test('the server refreshes by UPDATE where the caller takes it', async (t) => {
  const { rig, peer, answer, asked } = await calledRig(t, asks('uas', ALLOW))
  t.equal(answer.headers.get('Session-Expires'), '3;refresher=uas')
  t.notOk(answer.headers.has('Require'), 'nothing is required of the caller')
  for (const nth of [1, 2]) {
    const update = await peer.wait('UPDATE', nth)
    t.equal(update.headers.get('Session-Expires'), '3;refresher=uac')
    t.equal(update.headers.get('Content-Length'), '0')
    peer.reply(update, '200 OK', { headers: ['Session-Expires: 3;refresher=uac'] })
  }
  t.equal(peer.count('BYE'), 0)
  t.same(asked, [], 'the application is not bothered')
  t.match(await rig.sip.stats(), { dialogs: 1, sessionsExpired: 0 })
})

t.test('else by a re-INVITE with the description in force', async (t) => {
  const { peer } = await calledRig(t, asks('uas'))
  const invite = await peer.wait('INVITE')
  t.ok(invite.text.endsWith(SDP))
  peer.reply(invite, '200 OK', {
    headers: [`Contact: <sip:caller@${peer.hostPort}>`, 'Session-Expires: 3;refresher=uac'],
    body: SDP,
  })
  const ack = await peer.wait('ACK')
  t.equal(ack.headers.get('CSeq')?.split(' ')[0], invite.headers.get('CSeq')?.split(' ')[0])
  await peer.wait('INVITE', 2)
  t.equal(peer.count('BYE'), 0)
})

t.test('a re-INVITE that crosses our refresh gets 491', async (t) => {
  const { peer, within, answer } = await calledRig(t, asks('uas'))
  const refresh = await peer.wait('INVITE')
  within('INVITE', 2, tagIn(answer))
  await peer.wait('491 INVITE')
  peer.reply(refresh, '491 Request Pending')
  await peer.wait('ACK')
})

for (const [status, words] of [
  ['481 Call Leg/Transaction Does Not Exist', 'the other side knows the call no more'],
  [undefined, 'the other side is silent'],
] as const) {
  t.test(`a refresh that fails ends the call: ${words}`, async (t) => {
    const { rig, peer, ended } = await calledRig(t, asks('uas', ALLOW))
    const update = await peer.wait('UPDATE')
    if (status !== undefined) peer.reply(update, status)
    const bye = await peer.wait('BYE')
    peer.reply(bye, '481 Gone')
    t.match(await ended, /^Session (refresh failed|timer expired)$/)
    await delay(30)
    t.equal((await rig.sip.stats()).dialogs, 0)
  })
}

t.test('too short an interval is refused with 422 and the least we take', async (t) => {
  const rig = await openRig(t)
  await connectApp(t, rig)
  const peer = await SipPeer.open(t)
  call(peer, rig, { headers: ['Supported: timer', 'Session-Expires: 30'] })
  call(peer, rig, { headers: ['k: timer', 'x: 30'] })
  const refused = await peer.wait('422 INVITE', 2)
  t.equal(refused.headers.get('Min-SE'), '90')
  t.match(await rig.sip.stats(), { rejected: { '422 session-too-short': 2 } })
})

t.test('a call of ours: the answer says who refreshes', async (t) => {
  const rig = await openRig(t, { timers: TIMERS })
  const srf = await connectApp(t, rig)
  const peer = await SipPeer.open(t)
  const placed = srf.createUAC(`sip:100@${peer.hostPort}`, {
    localSdp: SDP,
    headers: { Supported: 'timer', 'Session-Expires': '3' },
  })
  const accept = (request: Received, refresher: string): void =>
    peer.reply(request, '200 OK', {
      tag: 'phone',
      headers: [
        `Contact: <sip:100@${peer.hostPort}>`,
        ALLOW,
        'Require: timer',
        `Session-Expires: 3;refresher=${refresher}`,
      ],
      body: SDP,
    })
  const invite = await peer.wait('INVITE')
  t.equal(invite.headers.get('Session-Expires'), '3')
  accept(invite, 'uac')
  const dialog = await placed
  const update = await peer.wait('UPDATE')
  t.equal(update.headers.get('To')?.includes('tag=phone'), true)
  accept(update, 'uas')
  const ended = Promise.withResolvers<string>()
  dialog.on('destroy', (_req: unknown, reason: string) => ended.resolve(reason))
  const bye = await peer.wait('BYE')
  peer.reply(bye, '200 OK')
  t.equal(await ended.promise, 'Session timer expired', 'the task went over to the other side')
  t.equal(peer.count('UPDATE'), 1)
})

t.test('absurd intervals end nothing and start no storm', async (t) => {
  for (const asked of ['999999999;refresher=uas', '0;refresher=uas', '5']) {
    const supports = asked.startsWith('9') ? ['Supported: timer'] : []
    const { rig, peer } = await calledRig(t, [...supports, `Session-Expires: ${asked}`, ALLOW])
    await delay(300)
    t.same([peer.count('BYE'), peer.count('UPDATE')], [0, 0], asked)
    t.match(await rig.sip.stats(), { dialogs: 1 })
  }
})

t.test('a refresh that is refused is changed, or left for a while', async (t) => {
  const { peer } = await calledRig(t, asks('uas', ALLOW))
  const update = await peer.wait('UPDATE')
  peer.reply(update, '422 Session Interval Too Small', { headers: ['Min-SE: 5'] })
  const longer = await peer.wait('UPDATE', 2)
  t.equal(longer.headers.get('Session-Expires'), '5;refresher=uac')
  peer.reply(longer, '405 Method Not Allowed')
  const invite = await peer.wait('INVITE')
  peer.reply(invite, '500 Server Internal Error')
  await delay(300)
  t.same([peer.count('UPDATE'), peer.count('INVITE')], [2, 1], 'not at once')
})

t.test('after a BYE nothing is refreshed', async (t) => {
  const { peer, within, answer } = await calledRig(t, asks('uas', ALLOW))
  within('BYE', 2, tagIn(answer))
  await peer.wait('200 BYE')
  await delay(1_800)
  t.same([peer.count('UPDATE'), peer.count('BYE')], [0, 0])
})
