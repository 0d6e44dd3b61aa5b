// Strangers who send too much: what they get costs nothing, is not repeated to forged addresses, and leaves room for the
// calls there are.
import t from 'tap'
import { answeringRig, call, tagIn } from './inbound-call.ts'
import {
  connectApp,
  delay,
  FrameApp,
  GIVE_UP_MS,
  openRig,
  routesSettle,
  type Any,
} from './harness.ts'
import { newBranch, newCallId, requestText, SDP, SipPeer } from './sip-peer.ts'

t.test('what is refused outside a dialog is answered once and not kept', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const send = (parts: object): void =>
    peer.send(requestText({ method: 'INVITE', target: rig.target, peer, ...parts }), rig.address)
  send({ toTag: 'nobody', body: SDP })
  await peer.wait('481 INVITE')
  const withoutContact = requestText({ method: 'INVITE', target: rig.target, peer, body: SDP })
  peer.send(withoutContact.replace(/Contact: .*\r\n/, ''), rig.address)
  await peer.wait('400 INVITE')
  await delay(GIVE_UP_MS / 4)
  t.same([peer.count('481 INVITE'), peer.count('400 INVITE')], [1, 1], 'neither is repeated')
  t.equal((await rig.sip.stats()).transactions, 0)
})

t.test('OPTIONS leaves nothing behind', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  srf.options((_req: Any, res: Any) => void res.send(200))
  await routesSettle()
  const peer = await SipPeer.open(t)
  for (let count = 0; count < 50; count += 1)
    peer.send(requestText({ method: 'OPTIONS', target: rig.target, peer }), rig.address)
  await peer.wait('200 OPTIONS', 50)
  t.equal((await rig.sip.stats()).transactions, 0)
})

t.test('with the room for strangers full a call can still be ended, from both sides', async (t) => {
  const rig = await openRig(t, { limits: { maxTransactions: 10 } })
  const srf = await connectApp(t, rig)
  const dialogs: Any[] = []
  srf.invite((req: Any, res: Any) => {
    srf.createUAS(req, res, { localSdp: SDP }).then((dialog: Any) => dialogs.push(dialog))
  })
  srf.message(() => undefined)
  await routesSettle()
  const peer = await SipPeer.open(t)
  const one = call(peer, rig)
  const other = call(peer, rig)
  const answers = [await peer.wait('200 INVITE', 1), await peer.wait('200 INVITE', 2)]
  const stranger = await SipPeer.open(t)
  for (let count = 0; count < 20; count += 1)
    stranger.send(
      requestText({ method: 'MESSAGE', target: rig.target, peer: stranger }),
      rig.address,
    )
  await stranger.wait('503 MESSAGE', 10)
  for (const [leg, answer] of [
    [one, answers[0]],
    [other, answers[1]],
  ] as const) {
    const own = answers.find(({ headers }) => headers.get('Call-ID') === leg.callId) ?? answer
    leg.within('ACK', 1, tagIn(own!))
  }
  const byOne = answers.find(({ headers }) => headers.get('Call-ID') === one.callId)
  one.within('BYE', 2, tagIn(byOne!))
  await peer.wait('200 BYE')
  const left = dialogs.find((dialog) => dialog.sip.callId === other.callId)
  const destroyed = left.destroy()
  peer.reply(await peer.wait('BYE'), '200 OK')
  await destroyed
  t.match(await rig.sip.stats(), { dialogs: 0 })
})

t.test('an application that does not read gets no new calls, and keeps those it has', async (t) => {
  const rig = await openRig(t)
  const app = await FrameApp.open(t, rig)
  app.send('r1|route|message')
  await app.wait(/\|response\|r1\|OK/)
  app.socket.pause()
  const peer = await SipPeer.open(t)
  const body = 'x'.repeat(30_000)
  for (let count = 0; count < 800 && peer.count('503 MESSAGE') === 0; count += 1) {
    const parts = { method: 'MESSAGE', target: rig.target, peer, body }
    peer.send(requestText(parts).replace('application/sdp', 'text/plain'), rig.address)
    if (count % 20 === 0) await delay(5)
  }
  const refused = await peer.wait('503 MESSAGE')
  t.equal(refused.headers.get('Retry-After'), '5')
  t.match(await rig.sip.stats(), { clients: 1 }, 'it is still there')
  app.socket.resume()
})

t.test('a CANCEL that only knows the branch ends nobody’s call', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  let answer: () => void = () => undefined
  srf.invite((req: Any, res: Any) => {
    res.send(180)
    answer = () => void srf.createUAS(req, res, { localSdp: SDP })
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const branch = newBranch()
  call(peer, rig, { branch })
  await peer.wait('180 INVITE')
  const parts = { method: 'CANCEL', target: rig.target, peer, branch, callId: newCallId() }
  peer.send(requestText({ ...parts, fromTag: 'thief' }), rig.address)
  await peer.wait('481 CANCEL')
  answer()
  await peer.wait('200 INVITE')
})

t.test('who never acknowledged is told BYE once: the address may be forged', async (t) => {
  const { rig, peer } = await answeringRig(t)
  call(peer, rig)
  await peer.wait('BYE')
  await delay(400)
  t.equal(peer.count('BYE'), 1)
})

t.test('one INVITE of ours does not become a thousand dialogs', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  const peer = await SipPeer.open(t)
  const placed = srf.createUAC(`sip:100@${peer.hostPort}`, { localSdp: SDP })
  const invite = await peer.wait('INVITE')
  for (let count = 0; count < 200; count += 1)
    peer.reply(invite, '183 Session Progress', { tag: `branch${count}` })
  await delay(50)
  t.equal((await rig.sip.stats()).dialogs, 16)
  peer.reply(invite, '486 Busy Here', { tag: 'end' })
  await placed.catch(() => undefined)
  t.equal((await rig.sip.stats()).dialogs, 0)
})

t.test('content that would hold up the application’s parser is refused', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const send = (type: string, body: string): void => {
    const text = requestText({ method: 'INVITE', target: rig.target, peer, body })
    peer.send(text.replace('application/sdp', type), rig.address)
  }
  send(`multipart/mixed${'; '.repeat(2_000)}`, SDP)
  await peer.wait('400 INVITE')
  send('multipart/mixed;boundary=x', `--x\r\nContent-Type:${' '.repeat(9_000)}\r\n\r\n${SDP}`)
  await peer.wait('400 INVITE', 2)
  send('multipart/mixed;boundary=x', `--x\r\n\r\n${'v'.repeat(2_000)}\r\n--x--`)
  await peer.wait('400 INVITE', 3)
  t.equal(peer.count('100 INVITE'), 0)
})

t.test('a caller has us connect to nothing that only this machine can reach', async (t) => {
  const { locationOf } = await import('../../../gateway/embedded/drachtio/request-route.ts')
  const inner = { host: '203.0.113.7', port: 5060 }
  const transport = { protocol: 'tcp', isReliable: true, local: inner, isConnected: () => false }
  const locate = (address: string) => ({
    kind: 'found',
    destinations: [{ transport, peer: { address, port: 6379 } }],
  })
  const where = (source: string, target: string): unknown => {
    const init = { transport, isCaller: true }
    const dialog = { init, source: { address: source, port: 9 }, target: () => ({ host: target }) }
    return locationOf({ locator: { locate: () => locate(target) } } as Any, dialog as Any)
  }
  for (const target of ['127.0.0.1', '169.254.169.254', '::1', 'fe80::1'])
    t.match(where('198.51.100.4', target), { kind: 'dns-error' }, target)
  t.match(where('198.51.100.4', '198.51.100.5'), { kind: 'found' })
  t.match(where('127.0.0.1', '127.0.0.1'), { kind: 'found' }, 'a neighbour on this machine may')
})
