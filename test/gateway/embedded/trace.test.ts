// The trace: what passed the wire, retransmissions too; without what would let a reader sign in; within its bound.
import t, { type Test } from 'tap'
import { MessageTrace } from '../../../gateway/embedded/trace/message-trace.ts'
import { withoutCredentials } from '../../../gateway/embedded/trace/mask-credentials.ts'
import type { CallTrace } from '../../../gateway/embedded/index.ts'
import { createDigestClient } from '../../../gateway/sip/digest/digest-client.ts'
import { connectApp, delay, openRig, routesSettle, type Rig } from './harness.ts'
import { newBranch, newCallId, requestText, SDP, SipPeer } from './sip-peer.ts'
import { processorMs } from '../../support/processor-time.ts'

const PASSWORD = 'circle of life'
const local = { host: '127.0.0.1', port: 5060 }
const peer = { address: '127.0.0.1', port: 5061 }

const firstLines = ({ messages }: CallTrace): string[] =>
  messages.map(({ direction, text }) => `${direction} ${text.split('\r\n')[0] ?? ''}`)

/** A server with an application that answers every INVITE. */
async function answering(t: Test): Promise<{ rig: Rig; peer: SipPeer }> {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  srf.invite((req: never, res: never) => void srf.createUAS(req, res, { localSdp: SDP }))
  await routesSettle()
  return { rig, peer: await SipPeer.open(t) }
}

t.test('a call is told from INVITE to BYE, with every repetition', async (t) => {
  const { rig, peer } = await answering(t)
  const callId = newCallId()
  const branch = newBranch()
  const common = { target: rig.target, peer, callId }
  const invite = requestText({ ...common, method: 'INVITE', branch, body: SDP })
  peer.send(invite, rig.address)
  const answer = await peer.wait('200 INVITE', 3)
  t.equal(peer.count('200 INVITE'), 3, 'no ACK: the 200 is repeated')
  const toTag = /tag=(\S+)/.exec(answer.headers.get('To') ?? '')?.[1]
  peer.send(requestText({ ...common, method: 'ACK', toTag }), rig.address)
  await delay(20)
  peer.send(requestText({ ...common, method: 'BYE', seq: 2, toTag }), rig.address)
  await peer.wait('200 BYE')
  // Of another call, and one that names ours elsewhere than in its Call-ID.
  const odd = { ...common, method: 'OPTIONS', callId: `${callId}x`, headers: [`X-Of: ${callId}`] }
  peer.send(requestText(odd), rig.address)
  await peer.wait('503 OPTIONS')

  const trace = await rig.sip.trace(callId)
  const lines = firstLines(trace)
  const oks = peer.count('200 INVITE')
  t.same(lines, [
    `received INVITE ${rig.target} SIP/2.0`,
    'sent SIP/2.0 100 Trying',
    ...Array.from({ length: oks }, () => 'sent SIP/2.0 200 OK'),
    `received ACK ${rig.target} SIP/2.0`,
    `received BYE ${rig.target} SIP/2.0`,
    'sent SIP/2.0 200 OK',
  ])
  const [first] = trace.messages
  t.equal(first?.text, invite, 'whole and as it was')
  t.match(first, {
    protocol: 'udp',
    local: { host: rig.address.host, port: rig.address.port },
    remote: { host: peer.host, port: peer.port },
  })
  const times = trace.messages.map(({ atMonotonicMs }) => atMonotonicMs)
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  )
  const now = Number(process.hrtime.bigint()) / 1e6
  t.ok(times.every((at) => at < now && at > now - 60_000 && at >= trace.keptSinceMonotonicMs))
  t.equal(trace.cutOff, false)
  t.same((await rig.sip.trace('')).messages, [])
  t.same((await rig.sip.trace(callId.slice(0, -1))).messages, [], 'a part of a Call-ID is none')
})

t.test('a real digest exchange leaves nothing to guess a password from', async (t) => {
  const { rig, peer } = await answering(t)
  const callId = newCallId()
  const challenge = 'Digest realm="biloxi.com", nonce="dcd98b71", qop="auth", algorithm=MD5'
  const exchange = createDigestClient({ username: 'bob', password: PASSWORD }).begin()
  t.ok(exchange.accept(401, [challenge]))
  const [header] = exchange.headersFor({ method: 'INVITE', uri: rig.target, body: SDP })
  const [name, value] = header ?? ['', '']
  const response = /response="([0-9a-f]{32})"/.exec(value)?.[1] ?? 'none'
  t.match(response, /^[0-9a-f]{32}$/)
  peer.send(
    requestText({
      method: 'INVITE',
      target: rig.target,
      peer,
      callId,
      headers: [`${name}: ${value}`],
      body: SDP,
    }),
    rig.address,
  )
  const seen = await peer.wait('200 INVITE')
  t.ok(seen)
  const trace = await rig.sip.trace(callId)
  const everything = JSON.stringify(trace)
  t.notMatch(everything, response)
  t.notMatch(everything, /bob|cnonce/)
  const shown = /^Authorization: .*$/m.exec(trace.messages[0]?.text ?? '')?.[0]
  t.match(shown, /^Authorization: Digest \(masked\), realm="biloxi.com"/)
  t.match(shown, /nonce="dcd98b71"/)
  t.match(shown, `uri="${rig.target}"`)
})

/** [what, header or body lines, what must not be left] */
const SECRETS: readonly (readonly [string, string, string])[] = [
  ['a plain one', 'Authorization: Digest username="u", response="SECRET"', 'SECRET'],
  ['a proxy’s', 'Proxy-Authorization: Digest username="u", response="SECRET"', 'SECRET'],
  ['lower case, no space', 'authorization:Digest response="SECRET"', 'SECRET'],
  ['blanks before the colon', 'AUTHORIZATION \t : Digest response="SECRET"', 'SECRET'],
  ['folded', 'Authorization: Digest username="u",\r\n response="SECRET",\r\n\tnc=1', 'SECRET'],
  ['folded before the scheme', 'Authorization:\r\n Digest response="SECRET"', 'SECRET'],
  ['a lone line feed', 'Authorization: Digest realm="r",\nresponse="SECRET"', 'SECRET'],
  ['a lone carriage return', 'Authorization: Digest realm="r",\rresponse="SECRET"', 'SECRET'],
  ['without a scheme', 'Authorization: SECRET', 'SECRET'],
  ['without a scheme, with a blank', 'Authorization: SECRET ', 'SECRET'],
  ['no blank at all', 'Authorization: Digest,response="SECRET"', 'SECRET'],
  ['basic', 'Authorization: Basic SECRET', 'SECRET'],
  ['a token', 'Authorization: Bearer SECRET', 'SECRET'],
  ['a quote that never ends', 'Authorization: Digest realm="r, response="SECRET"', 'SECRET'],
  ['the server’s proof', 'Authentication-Info: rspauth="SECRET", qop=auth', 'SECRET'],
  ['the proxy’s proof', 'Proxy-Authentication-Info:\r\n rspauth="SECRET"', 'SECRET'],
  ['a password in a URI', 'Contact: <sip:user:SECRET@127.0.0.1>', 'SECRET'],
  ['in the request URI of a body', '\r\nINVITE sip:user:SECRET@127.0.0.1 SIP/2.0', 'SECRET'],
  [
    'credentials in a URI',
    'Refer-To: <sip:a@b?Authorization=Digest%20response%3DSECRET>',
    'SECRET',
  ],
  ['a fragment in a body', '\r\nSIP/2.0 200 OK\r\nAuthorization: Digest a="SECRET"', 'SECRET'],
  ['SDES', '\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SECRET|2^20', 'SECRET'],
  ['SDES, oddly written', '\r\na=crypto:1  AES inline:SECRET', 'SECRET'],
  ['MIKEY', '\r\na=key-mgmt:mikey SECRET', 'SECRET'],
  ['the k line', '\r\nk=base64:SECRET', 'SECRET'],
  ['ICE', '\r\na=ice-pwd:SECRET', 'SECRET'],
  ['keys pressed', 'c: application/dtmf-relay\r\n\r\nSignal= SECRET\r\nDuration=160', 'SECRET'],
  ['a key pressed', 'Content-Type: application/dtmf\r\n\r\nSECRET', 'SECRET'],
  ['a key on its own', 'Content-Type: application/dtmf-relay;a=b\r\n\r\nSECRET', 'SECRET'],
  ['a key, blanks before', 'c:application/DTMF-relay\r\n\r\n signal = SECRET', 'SECRET'],
  ['a key, folded', 'Content-Type:\r\n application/dtmf\r\n\r\nSECRET', 'SECRET'],
  [
    'keys of an old telephone',
    'c: application/vnd.nortelnetworks.digits\r\n\r\nd=SECRET',
    'SECRET',
  ],
]

for (const [what, lines, secret] of SECRETS)
  t.test(`masked: ${what}`, async (t) => {
    const text = `INVITE sip:a@b SIP/2.0\r\nCall-ID: one\r\n${lines}\r\nX-After: kept\r\n\r\n`
    const masked = withoutCredentials(text)
    t.notMatch(masked, secret)
    t.match(masked, '(masked)')
    t.match(masked, /^INVITE sip:a@b SIP\/2.0\r\nCall-ID: one\r\n/)
    if (!/application\/(?:dtmf|vnd)/i.test(lines)) t.match(masked, 'X-After: kept')
  })

t.test('how long a key was held is no secret', async (t) => {
  const info = (body: string): string =>
    withoutCredentials(`INFO sip:a@b SIP/2.0\r\nc: application/dtmf-relay\r\n\r\n${body}`)
  t.match(info('Signal=5\r\nDuration=160\r\n'), /\r\n\r\n\(masked\)\r\nDuration=160$/)
  t.match(info('Duration=160\r\nSignal=5\r\n'), /\r\n\r\n\(masked\)\r\nDuration=160$/)
  t.match(info('Signal=5\r\nDuration=card 1234\r\n'), /\r\n\r\n\(masked\)$/)
})

t.test('what is no secret stays as it was', async (t) => {
  const text = [
    'SIP/2.0 401 Unauthorized',
    'WWW-Authenticate: Digest realm="r", nonce="n"',
    'Contact: <sip:user@127.0.0.1:5060;transport=tcp>',
    'Record-Route: <sip:127.0.0.1:5060;lr>, <sip:[::1]:5060;lr>',
    'Subject: authorization: none',
    'Content-Type: application/sdp',
    '',
    'v=0',
    'a=rtpmap:0 PCMU/8000',
  ].join('\r\n')
  t.equal(withoutCredentials(text), text)
})

t.test('hostile text is masked in linear time', async (t) => {
  for (const piece of [
    'sip:a:',
    'a=crypto:1 ',
    'Authorization:\r\n ',
    'realm="',
    '?authorization=',
  ])
    for (const start of ['', 'Authorization: Digest ']) {
      const text = start + piece.repeat(65_536 / piece.length)
      const ms = processorMs(() => void withoutCredentials(text))
      t.ok(ms < 500, piece, { ms })
    }
})

const message = (callId: string, bytes: number): Buffer =>
  Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\nCall-ID: ${callId}\r\n\r\n`.padEnd(bytes, 'x'))

const noted = (trace: MessageTrace, bytes: Buffer): void =>
  trace.note({ direction: 'sent', protocol: 'udp', local, peer, bytes })

t.test('the last ones are kept, within the bound', async (t) => {
  const trace = new MessageTrace(100_000)
  for (let at = 0; at < 5000; at += 1) noted(trace, message(`call-${at}`, 300 + (at % 700)))
  const kept: number[] = []
  for (let at = 0; at < 5000; at += 1) {
    const { messages } = await trace.ofCall(`call-${at}`)
    if (messages.length === 0) continue
    kept.push(at)
    t.equal(messages[0]?.text, message(`call-${at}`, 300 + (at % 700)).toString(), 'whole')
  }
  t.equal(kept.at(-1), 4999)
  t.same(
    kept,
    kept.map((_, index) => 5000 - kept.length + index),
    'without a gap',
  )
  const bytes = kept.reduce((sum, at) => sum + 300 + (at % 700), 0)
  t.ok(bytes <= 100_000 && bytes > 97_000, 'and the ring is full', { bytes })
  const { keptSinceMonotonicMs } = await trace.ofCall('call-4999')
  t.ok(keptSinceMonotonicMs > 0)
})

t.test('many small ones are bounded by their number', async (t) => {
  const trace = new MessageTrace(256 * 100)
  for (let at = 0; at < 1000; at += 1) noted(trace, message('one', 45))
  t.equal((await trace.ofCall('one')).messages.length, 100)
})

t.test('larger than all, empty, and switched off', async (t) => {
  const trace = new MessageTrace(1000)
  noted(trace, message('large', 1001))
  noted(trace, Buffer.alloc(0))
  t.same((await trace.ofCall('large')).messages, [])
  noted(trace, message('fits', 1000))
  t.equal((await trace.ofCall('fits')).messages.length, 1)
  const off = new MessageTrace(0)
  noted(off, message('one', 300))
  t.same((await off.ofCall('one')).messages, [])
})

t.test('a call with too many messages is cut off, and says so', async (t) => {
  const trace = new MessageTrace(4 * 1024 * 1024)
  for (let at = 0; at < 1000; at += 1) noted(trace, message('chatty', 300))
  t.match(await trace.ofCall('chatty'), { cutOff: false, messages: { length: 1000 } })
  noted(trace, message('chatty', 300))
  t.match(await trace.ofCall('chatty'), { cutOff: true, messages: { length: 1000 } })
})

t.test('messages that come while one is searched for do no harm', async (t) => {
  const trace = new MessageTrace(4 * 1024 * 1024)
  for (let at = 0; at < 8000; at += 1) noted(trace, message(`old-${at % 10}`, 500))
  const searching = trace.ofCall('old-3')
  const flood = async (): Promise<void> => {
    for (let at = 0; at < 10_000; at += 1) {
      noted(trace, message('new', 500))
      if (at % 500 === 0) await delay(0)
    }
  }
  const [found] = await Promise.all([searching, flood()])
  t.ok(found.messages.length > 0)
  t.ok(found.messages.every(({ text }) => text.includes('Call-ID: old-3\r\n')))
  t.equal((await trace.ofCall('old-3')).messages.length, 0)
})

t.test('Call-IDs in all their forms', async (t) => {
  const trace = new MessageTrace(100_000)
  for (const header of ['Call-ID: x1', 'i:x1', 'CALL-ID :\t x1', 'Call-ID:\r\n x1', 'i: x1 '])
    noted(trace, Buffer.from(`BYE sip:a@b SIP/2.0\r\n${header}\r\n\r\n`))
  for (const other of ['Call-ID: x12', 'X-Call-ID: x1', 'Subject: x\r\n i: x1', '\r\ni: x1'])
    noted(trace, Buffer.from(`BYE sip:a@b SIP/2.0\r\n${other}\r\n\r\n`))
  t.equal((await trace.ofCall('x1')).messages.length, 5)
})

t.test('names beyond ASCII are legible', async (t) => {
  const trace = new MessageTrace(100_000)
  const head = 'BYE sip:a@b SIP/2.0\r\nCall-ID: name\r\n'
  noted(trace, Buffer.from(`${head}From: "Анна"\r\n\r\n`))
  noted(trace, Buffer.from(`${head}From: "\xe9"\r\n\r\n`, 'latin1'))
  const texts = (await trace.ofCall('name')).messages.map(({ text }) => text)
  t.match(texts[0], 'Анна')
  t.match(texts[1], '\xe9')
})

t.test('keeping a message costs about a microsecond', async (t) => {
  const trace = new MessageTrace(32 * 1024 * 1024)
  const bytes = message('cost', 700)
  const batches: number[] = []
  for (let batch = 0; batch < 200; batch += 1) {
    const begun = performance.now()
    for (let at = 0; at < 500; at += 1) noted(trace, bytes)
    batches.push((performance.now() - begun) * 2)
  }
  const [best = 0] = batches.toSorted((a, b) => a - b)
  t.comment(`${best.toFixed(2)} µs`)
  t.ok(best < 10, 'µs in the best batch: others share the machine', { best })
})
