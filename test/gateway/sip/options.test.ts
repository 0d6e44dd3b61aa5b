// OPTIONS of ours over real sockets, at a far end whose every answer the test writes (RFC 3261 §11).
import t from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { createDigestClient } from '../../../gateway/sip/digest/digest-client.ts'
import { SipPeer } from '../embedded/sip-peer.ts'
import { ACCOUNT, openDrachtioStage } from './drachtio-stage.ts'

const CHALLENGE = 'WWW-Authenticate: Digest realm="carrier", nonce="n", algorithm=MD5, qop="auth"'

const question = (domain: string) => ({
  requestUri: `sip:${domain}`,
  addressOfRecord: `sip:user@${domain}`,
  timeout: ms(3000),
})

t.test('asked of the domain, in the name of whoever asks; what is answered is told', async (t) => {
  const { sip } = await openDrachtioStage(t)
  const peer = await SipPeer.open(t)
  const asked = sip.options(question(peer.hostPort))
  const request = await peer.wait('OPTIONS')
  t.match(request.text, `OPTIONS sip:${peer.hostPort} SIP/2.0`)
  t.match(request.headers.get('From'), `<sip:user@${peer.hostPort}>`)
  t.equal(request.headers.get('To'), `<sip:${peer.hostPort}>`)
  peer.reply(request, '404 Not Here', { tag: 'a' })
  t.match(await asked, { status: 404, detail: undefined })
})

t.test('a challenge is answered where there are credentials, and told where not', async (t) => {
  const { sip } = await openDrachtioStage(t)
  const peer = await SipPeer.open(t)
  const plain = sip.options(question(peer.hostPort))
  peer.reply(await peer.wait('OPTIONS', 1), '401 Who', { tag: 'a', headers: [CHALLENGE] })
  t.match(await plain, { status: 401 })
  const digest = createDigestClient(ACCOUNT)
  const asked = sip.options({ ...question(peer.hostPort), digest })
  const first = await peer.wait('OPTIONS', 2)
  peer.reply(first, '401 Who', { tag: 'b', headers: [CHALLENGE] })
  const second = await peer.wait('OPTIONS', 3)
  t.match(second.headers.get('Authorization'), /^Digest username="user", realm="carrier"/)
  t.equal(second.headers.get('Call-ID'), first.headers.get('Call-ID'))
  peer.reply(second, '200 OK', { tag: 'b' })
  t.match(await asked, { status: 200 })
})

t.test('by a proxy; by a transport that we do not have; to nobody; for too long', async (t) => {
  const { sip } = await openDrachtioStage(t)
  const peer = await SipPeer.open(t)
  const proxy = `sip:${peer.hostPort}`
  const asked = sip.options({ ...question('carrier.invalid'), proxy })
  const request = await peer.wait('OPTIONS')
  t.match(request.text, 'OPTIONS sip:carrier.invalid SIP/2.0')
  t.equal(request.headers.get('Route'), `<${proxy};lr>`)
  peer.reply(request, '200 OK', { tag: 'a' })
  t.match(await asked, { status: 200 })
  const overTls = { ...question(peer.hostPort), requestUri: `sip:${peer.hostPort};transport=tls` }
  t.match(await sip.options(overTls), { status: 503, detail: 'No Such Transport' })
  t.match(await sip.options(question('127.0.0.1:1')), { status: 503, detail: String })
  await t.rejects(sip.options({ ...question(peer.hostPort), timeout: ms(50) }), {
    code: 'TIMED_OUT',
  })
  const lost = t.rejects(sip.options(question(peer.hostPort)), { code: 'SIP_UNAVAILABLE' })
  sip.lose()
  await lost
})
