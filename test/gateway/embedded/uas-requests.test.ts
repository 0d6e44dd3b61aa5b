// Requests that come in: repetitions, refusals, routes, order, limits, noise. Over real sockets.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { connectApp, delay, GIVE_UP_MS, openRig, routesSettle, type Any } from './harness.ts'
import { answeringRig, call, tagIn } from './inbound-call.ts'
import { newCallId, requestText, SDP, SipPeer } from './sip-peer.ts'

t.test('a repeated INVITE reaches the application once', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  let seen = 0
  srf.invite((_req: Any, res: Any) => {
    seen += 1
    setTimeout(() => void res.send(486), 150)
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const { invite } = call(peer, rig)
  for (let time = 0; time < 3; time += 1) {
    await delay(20)
    peer.send(invite, rig.address)
  }
  await peer.wait('100 INVITE', 4)
  await peer.wait('486 INVITE')
  peer.send(invite, rig.address)
  await delay(50)
  t.equal(seen, 1)
})

t.test('refusals of the server itself', async (t) => {
  const { rig, srf, peer } = await answeringRig(t)
  srf.options((_req: Any, res: Any) => void res.send(200))
  srf.info((_req: Any, res: Any) => void res.send(200))
  await routesSettle()
  const send = (parts: Parameters<typeof requestText>[0] | object): void =>
    peer.send(requestText({ target: rig.target, peer, method: 'OPTIONS', ...parts }), rig.address)

  send({ method: 'INVITE', toTag: 'nobody' })
  await peer.wait('481 INVITE')
  send({ method: 'BYE', toTag: 'nobody' })
  send({ method: 'BYE' })
  await peer.wait('481 BYE', 2)
  send({ method: 'INFO', toTag: 'nobody' })
  await peer.wait('481 INFO')
  send({ method: 'CANCEL' })
  await peer.wait('481 CANCEL')
  send({ method: 'MESSAGE' })
  await peer.wait('503 MESSAGE', 1)
  send({ method: 'NONSENSE' })
  t.match((await peer.wait('501 NONSENSE')).headers.get('Allow'), 'INVITE')
  send({ headers: ['Require: outbound, 100rel'] })
  t.equal((await peer.wait('420 OPTIONS')).headers.get('Unsupported'), 'outbound')
  send({ body: 'x'.repeat(40_000) })
  await peer.wait('513 OPTIONS')

  const callId = newCallId()
  send({ method: 'INFO', callId, seq: 7 })
  await peer.wait('200 INFO')
  send({ method: 'INFO', callId, seq: 7 })
  await peer.wait('482 INFO')

  send({ method: 'REFER' })
  send({ method: 'PRACK' })
  send({ method: 'ACK', toTag: 'nobody' })
  await delay(60)
  const answered = peer.received.filter(({ what }) => /REFER|PRACK|ACK$/.test(what))
  t.same(answered, [], 'REFER, PRACK and ACK outside a dialog get no answer')
  t.match(await rig.sip.stats(), { rejected: { '503 no-route': 1, '482 merged': 1 } })
})

t.test('nobody takes the place of a dialog, nor breaks the frames by its name', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const { callId, within } = call(peer, rig)
  const answer = await peer.wait('200 INVITE')
  within('ACK', 1, tagIn(answer))
  const again = { method: 'INVITE', target: rig.target, peer, body: SDP }
  peer.send(requestText({ ...again, callId, seq: 2 }), rig.address)
  await peer.wait('482 INVITE')
  peer.send(requestText({ ...again, callId: 'a|b' }), rig.address)
  await peer.wait('400 INVITE')
  peer.send(requestText({ ...again, fromTag: 'a|b' }), rig.address)
  await peer.wait('400 INVITE', 2)
  within('BYE', 2, tagIn(answer))
  await peer.wait('200 BYE')
})

t.test('answers go where the request came from, whatever its Via says', async (t) => {
  const { rig, peer, srf } = await answeringRig(t)
  srf.options((_req: Any, res: Any) => void res.send(200))
  await routesSettle()
  const via = 'SIP/2.0/UDP 192.0.2.1:9;branch=z9hG4bKelsewhere'
  peer.send(requestText({ method: 'OPTIONS', target: rig.target, peer, via }), rig.address)
  const answer = await peer.wait('200 OPTIONS')
  t.match(answer.headers.get('Via'), `rport=${peer.port}`)
  t.match(answer.headers.get('Via'), 'received=127.0.0.1')
})

t.test('a caller from before RFC 3261 is served', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const callId = newCallId()
  const old = (method: string, seq: number, toTag?: string) =>
    requestText({
      method,
      target: rig.target,
      peer,
      callId,
      seq,
      toTag,
      body: method === 'INVITE' ? SDP : '',
      via: `SIP/2.0/UDP ${peer.hostPort}`,
    })
  peer.send(old('INVITE', 1), rig.address)
  peer.send(old('INVITE', 1), rig.address)
  const answer = await peer.wait('200 INVITE')
  peer.send(old('ACK', 1, tagIn(answer)), rig.address)
  await delay(30)
  const count = peer.count('200 INVITE')
  await delay(250)
  t.equal(peer.count('200 INVITE'), count, 'its ACK is found')
  peer.send(old('BYE', 2, tagIn(answer)), rig.address)
  await peer.wait('200 BYE')
})

t.test('the route set of the caller is followed', async (t) => {
  const proxy = await SipPeer.open(t)
  const { rig, peer } = await answeringRig(t, (dialog) => {
    setTimeout(() => void dialog.destroy(), 100)
  })
  const route = `<sip:${proxy.hostPort};lr>`
  const { within } = call(peer, rig, {
    headers: [`Record-Route: ${route}, <sip:far.example.com;lr>`],
  })
  const answer = await peer.wait('200 INVITE')
  t.same(answer.headers.getAll('Record-Route'), [route, '<sip:far.example.com;lr>'])
  within('ACK', 1, tagIn(answer))
  const bye = await proxy.wait('BYE')
  t.same(bye.headers.getAll('Route'), [route, '<sip:far.example.com;lr>'])
  t.match(bye.text, `BYE sip:caller@${peer.hostPort} SIP/2.0`)
  proxy.reply(bye, '200 OK')
})

t.test('a strict router gets the request line (RFC 3261 §12.2.1.1)', async (t) => {
  const proxy = await SipPeer.open(t)
  const { rig, peer } = await answeringRig(t, (dialog) => {
    setTimeout(() => void dialog.destroy(), 100)
  })
  const { within } = call(peer, rig, { headers: [`Record-Route: <sip:${proxy.hostPort}>`] })
  within('ACK', 1, tagIn(await peer.wait('200 INVITE')))
  const bye = await proxy.wait('BYE')
  t.match(bye.text, `BYE sip:${proxy.hostPort} SIP/2.0`)
  t.same(bye.headers.getAll('Route'), [`<sip:caller@${peer.hostPort}>`])
  proxy.reply(bye, '200 OK')
})

t.test('behind a NAT the source address is used', async (t) => {
  const { rig, peer } = await answeringRig(t, (dialog) => {
    setTimeout(() => void dialog.destroy(), 60)
  })
  const text = requestText({ method: 'INVITE', target: rig.target, peer, body: SDP })
  peer.send(text.replace(/Contact: .*/, 'Contact: <sip:caller@192.168.7.7>'), rig.address)
  const answer = await peer.wait('200 INVITE')
  peer.send(
    requestText({
      method: 'ACK',
      target: rig.target,
      peer,
      callId: answer.headers.get('Call-ID')!,
      toTag: tagIn(answer),
    }),
    rig.address,
  )
  const bye = await peer.wait('BYE')
  t.match(bye.text, 'BYE sip:caller@192.168.7.7 SIP/2.0')
  peer.reply(bye, '200 OK')
})

t.test('requests within a dialog must come in order', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const { within } = call(peer, rig)
  const answer = await peer.wait('200 INVITE')
  within('ACK', 1, tagIn(answer))
  within('INFO', 5, tagIn(answer))
  await peer.wait('200 INFO')
  within('INFO', 4, tagIn(answer))
  await peer.wait('500 INFO')
  within('BYE', 6, tagIn(answer))
  await peer.wait('200 BYE')
  within('BYE', 7, tagIn(answer))
  await peer.wait('481 BYE')
})

t.test('an application that leaves', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  let asked = 0
  srf.invite((req: Any, res: Any) => {
    asked += 1
    if (asked === 1) void srf.createUAS(req, res, { localSdp: SDP })
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const first = call(peer, rig)
  const answer = await peer.wait('200 INVITE')
  first.within('ACK', 1, tagIn(answer))
  call(peer, rig)
  await peer.wait('100 INVITE', 2)
  await delay(20)
  srf.disconnect()
  await peer.wait('503 INVITE', 1)
  first.within('BYE', 2, tagIn(answer))
  await peer.wait('481 BYE')
  const third = newCallId()
  peer.send(
    requestText({ method: 'INVITE', target: rig.target, peer, callId: third, body: SDP }),
    rig.address,
  )
  await delay(100)
  t.ok(peer.received.some((m) => m.what === '503 INVITE' && m.headers.get('Call-ID') === third))
  await delay(GIVE_UP_MS + 200)
  t.match(await rig.sip.stats(), { dialogs: 0, clients: 0, transactions: 0 })
})

t.test('caps on transactions and dialogs', async (t) => {
  // Strangers get four fifths of them: five, of six.
  const limited = await openRig(t, { limits: { maxTransactions: 6 } })
  const silent = await connectApp(t, limited)
  silent.message(() => undefined)
  await routesSettle()
  const peer = await SipPeer.open(t)
  for (let count = 0; count < 12; count += 1) {
    peer.send(requestText({ method: 'MESSAGE', target: limited.target, peer }), limited.address)
  }
  await peer.wait('503 MESSAGE', 7)
  t.equal(peer.received.filter(({ headers }) => headers.has('Retry-After')).length, 7)
  t.match(await limited.sip.stats(), { rejected: { '503 transactions-full': 7 }, transactions: 5 })

  const few = await openRig(t, { limits: { maxDialogs: 1 } })
  const srf = await connectApp(t, few)
  srf.invite((req: Any, res: Any) => void srf.createUAS(req, res, { localSdp: SDP }))
  await routesSettle()
  const caller = await SipPeer.open(t)
  call(caller, few)
  await caller.wait('200 INVITE')
  call(caller, few)
  t.equal((await caller.wait('503 INVITE')).headers.get('Retry-After'), '5')
})

t.test('an application that never answers', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  srf.invite(() => undefined)
  srf.message(() => undefined)
  await routesSettle()
  const peer = await SipPeer.open(t)
  call(peer, rig)
  peer.send(requestText({ method: 'MESSAGE', target: rig.target, peer }), rig.address)
  await peer.wait('504 INVITE', 1, 2 * GIVE_UP_MS + 1_000)
  t.equal(peer.count('200 MESSAGE'), 0)
  t.match(await rig.sip.stats(), { dropped: { 'application-silent': 2 } })
})

t.test('100rel: a reliable 180 is repeated until its PRACK', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  const pracked = Promise.withResolvers<undefined>()
  srf.invite((_req: Any, res: Any) => {
    res.send(
      180,
      { headers: { Require: '100rel' } },
      () => undefined,
      () => {
        pracked.resolve(undefined)
        res.send(486)
      },
    )
  })
  await routesSettle()
  const peer = await SipPeer.open(t)
  const { within, callId } = call(peer, rig, { headers: ['Supported: 100rel'] })
  const ringing = await peer.wait('180 INVITE', 3)
  within('PRACK', 2, tagIn(ringing))
  await peer.wait('481 PRACK')
  peer.send(
    requestText({
      method: 'PRACK',
      target: rig.target,
      peer,
      callId,
      seq: 3,
      toTag: tagIn(ringing),
      headers: [`RAck: ${ringing.headers.get('RSeq')} 1 INVITE`],
    }),
    rig.address,
  )
  await peer.wait('200 PRACK')
  await pracked.promise
  await peer.wait('486 INVITE')
})

t.test('noise and the torture messages of RFC 4475 do no harm', async (t) => {
  const { rig, peer } = await answeringRig(t)
  const folder = join(dirname(createRequire(import.meta.url).resolve('sip')), 'test', 'messages')
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.dat')) continue
    const bytes = readFileSync(join(folder, file))
    if (bytes.length > 0) peer.send(bytes, rig.address)
    if (bytes.length > 9) peer.send(bytes.subarray(0, bytes.length >> 1), rig.address)
  }
  for (const noise of [
    '\r\n\r\n',
    '\0\0\0',
    'SIP/2.0',
    'INVITE',
    'INVITE  SIP/2.0\r\n\r\n',
    `OPTIONS sip:a SIP/2.0\r\n${'X: y\r\n'.repeat(3_000)}\r\n`,
  ]) {
    peer.send(noise, rig.address)
  }
  await delay(150)
  call(peer, rig)
  await peer.wait('200 INVITE', 1)
})
