// Who offers and who answers (RFC 3264), in every message that may carry either, written byte by byte: calls that come
// in and calls we place. What is agreed shows in where the audio goes.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { newBranch, newCallId, SipPeer, type Received } from '../gateway/embedded/sip-peer.ts'
import { eventually } from '../support/process.ts'
import { openRtpPeer, type RtpPeer } from '../support/rtp-peer.ts'
import { startProduct, type Product } from '../support/start-product.ts'

interface Body {
  readonly text: string
  readonly headers?: readonly string[]
}

const OFFERLESS: Body = { text: '' }

function sdp({ port }: { readonly port: number }, direction = 'sendrecv'): Body {
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
  lines.push(`m=audio ${port} RTP/AVP 8 0`, `a=${direction}`, '')
  return { text: lines.join('\r\n'), headers: ['Content-Type: application/sdp'] }
}

const withHeaders = ({ text }: Body, ...headers: string[]): Body => ({ text, headers })

/** As a carrier with ISUP sends it (RFC 3204). */
const withIsup = ({ text }: Body): Body => ({
  text: `--b1\r\nContent-Type: application/sdp\r\n\r\n${text}\r\n--b1\r\nContent-Type: application/isup;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n\u0001\u0010\r\n\r\n\u0000\r\n--b1--\r\n`,
  headers: ['Content-Type: multipart/mixed;boundary="b1"'],
})

/** The far end of one dialog: its own view of who is From and who is To. */
class FarEnd {
  readonly peer: SipPeer
  readonly #to: { host: string; port: number }
  readonly #from: string
  readonly #callId: string
  #remote: string
  #seq = 0

  constructor(product: Product, peer: SipPeer, invite?: Received) {
    this.peer = peer
    this.#to = { host: product.sipHost, port: product.sipPort }
    this.#callId = invite?.headers.get('Call-ID') ?? newCallId()
    this.#from = invite
      ? `${invite.headers.get('To')};tag=b`
      : `<sip:caller@${peer.hostPort}>;tag=caller1`
    this.#remote = invite?.headers.get('From') ?? '<sip:agent@example.com>'
  }

  /** The next CSeq, unless it is the ACK of the last INVITE. */
  send(method: string, { text, headers = [] }: Body = OFFERLESS): void {
    if (method !== 'ACK') this.#seq += 1
    const { hostPort } = this.peer
    const lines = [
      `${method} sip:agent@${this.#to.host}:${this.#to.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${hostPort};rport;branch=${newBranch()}`,
      'Max-Forwards: 70',
      `From: ${this.#from}`,
      `To: ${this.#remote}`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${this.#seq} ${method}`,
      `Contact: <sip:caller@${hostPort}>`,
      ...headers,
      `Content-Length: ${Buffer.byteLength(text)}`,
    ]
    this.peer.send(`${lines.join('\r\n')}\r\n\r\n${text}`, this.#to)
  }

  /** The final response to the last request. */
  async answered(): Promise<Received> {
    const own = ({ what, headers }: Received): boolean =>
      /^[2-6]\d\d /.test(what) &&
      headers.get('Call-ID') === this.#callId &&
      headers.get('CSeq')?.startsWith(`${this.#seq} `) === true
    const answer = await eventually('a final response', 3000, () => this.peer.received.find(own))
    this.#remote = answer.headers.get('To') ?? ''
    return answer
  }

  async ask(method: string, body?: Body): Promise<Received> {
    this.send(method, body)
    return this.answered()
  }

  /** One that must be answered 200, and its ACK. */
  async invite(body: Body, ack?: Body): Promise<Received> {
    const answer = await this.ask('INVITE', body)
    this.send('ACK', ack)
    if (answer.what !== '200 INVITE') throw new Error(answer.what)
    return answer
  }

  async hangUp(t: Test): Promise<void> {
    t.equal((await this.ask('BYE')).what, '200 BYE', 'the call is still up')
  }
}

/** A call that is up. */
type Call = (t: Test, product: Product) => Promise<{ far: FarEnd; first: RtpPeer }>

const calledIn: Call = async (t, product) => {
  const first = await openRtpPeer(t)
  const far = new FarEnd(product, await SipPeer.open(t))
  await far.invite(sdp(first))
  return { far, first }
}

async function placing(t: Test) {
  const trunk = await SipPeer.open(t)
  const product = await startProduct(t, {
    trunkDomain: trunk.hostPort,
    settings: { DIAL_ALLOW_PREFIXES: '+' },
  })
  const contact = `Contact: <sip:bob@${trunk.hostPort}>`
  const place = async (nth = 1) => {
    const callId = await product.view.place('+4930123456')
    const invite = await trunk.wait('INVITE', nth)
    const reply = (status: string, { text, headers = [] }: Body, ...more: string[]): void =>
      trunk.reply(invite, status, { tag: 'b', headers: [contact, ...headers, ...more], body: text })
    return { callId, invite, reply }
  }
  return { trunk, product, place }
}

const hears = (peer: RtpPeer): Promise<boolean> => {
  const before = peer.received.length
  return eventually('audio', 3000, () => peer.received.length > before + 3)
}

/** What was on its way may still come. */
const hearsNothing = (peer: RtpPeer): Promise<boolean> =>
  eventually('silence', 3000, async () => {
    const before = peer.received.length
    await sleep(200)
    return peer.received.length === before
  })

t.test('a delayed offer, and after it an ordinary re-INVITE', async (t) => {
  const product = await startProduct(t)
  const [first, second] = [await openRtpPeer(t), await openRtpPeer(t)]
  const far = new FarEnd(product, await SipPeer.open(t))
  await far.invite(OFFERLESS, sdp(first))
  await hears(first)
  await far.invite(sdp(second))
  await hears(second)
  t.equal(far.peer.count('BYE'), 0)
  await far.hangUp(t)
})

t.test('an UPDATE must not cross our offer; a new re-INVITE takes its place', async (t) => {
  const product = await startProduct(t)
  const [first, second] = [await openRtpPeer(t), await openRtpPeer(t)]
  const far = new FarEnd(product, await SipPeer.open(t))
  await far.invite(sdp(first))
  await far.ask('INVITE', OFFERLESS)
  t.equal((await far.ask('UPDATE', sdp(second))).what, '491 UPDATE')
  t.equal((await far.ask('UPDATE')).what, '200 UPDATE', 'one without an offer is another matter')
  t.match((await far.invite(sdp(second, 'recvonly'))).text, /a=sendonly/)
  t.equal((await far.ask('UPDATE', sdp(second))).what, '200 UPDATE')
  await hears(second)
  await far.hangUp(t)
})

t.test('an ACK with a re-INVITE on its heels: the answer belongs to the second one', async (t) => {
  const product = await startProduct(t)
  const [first, second] = [await openRtpPeer(t), await openRtpPeer(t)]
  const far = new FarEnd(product, await SipPeer.open(t))
  await far.ask('INVITE', sdp(first))
  far.send('ACK')
  far.send('INVITE', OFFERLESS)
  await far.answered()
  far.send('ACK', sdp(second))
  await hears(second)
  await far.hangUp(t)
})

async function resumes(t: Test, product: Product, call: Call): Promise<void> {
  const { far, first } = await call(t, product)
  const second = await openRtpPeer(t)
  await hears(first)
  const held = await far.invite(sdp(first, 'inactive'))
  t.match(held.text, /a=inactive/)
  await hearsNothing(first)
  const offer = await far.invite(OFFERLESS, sdp(second))
  t.match(offer.text, /a=sendrecv/, 'all we can')
  const versionIn = ({ text }: Received) => Number(/o=- \d+ (\d+)/.exec(text)?.[1])
  t.equal(versionIn(offer), versionIn(held) + 1)
  await hears(second)
  for (const useless of [
    OFFERLESS,
    sdp({ port: 0 }),
    withHeaders(sdp(first), 'Content-Type: text/plain'),
  ]) {
    await far.invite(OFFERLESS, useless)
    await hears(second)
  }
  await far.invite(OFFERLESS, withIsup(sdp(first)))
  await hears(first)
  await far.hangUp(t)
}

t.test('a held call is resumed by a re-INVITE without an offer', async (t) => {
  await t.test('one that came in', async (t) => resumes(t, await startProduct(t), calledIn))
  await t.test('one we placed', async (t) => {
    const { trunk, product, place } = await placing(t)
    await resumes(t, product, async (t) => {
      const first = await openRtpPeer(t)
      const { invite, reply } = await place()
      reply('200 OK', sdp(first))
      await trunk.wait('ACK')
      return { far: new FarEnd(product, trunk, invite), first }
    })
  })
})

t.test('the answer may come before the 200 OK, which then has none', async (t) => {
  const { trunk, product, place } = await placing(t)
  for (const [index, reliable] of [[], ['Require: 100rel', 'RSeq: 7']].entries()) {
    const audio = await openRtpPeer(t)
    const { invite, reply } = await place(index + 1)
    reply('183 Session Progress', withIsup(sdp(audio)), ...reliable)
    if (reliable.length > 0) trunk.reply(await trunk.wait('PRACK'), '200 OK')
    reply('200 OK', OFFERLESS)
    await trunk.wait('ACK', index + 1)
    await hears(audio)
    await new FarEnd(product, trunk, invite).hangUp(t)
  }
  const { callId, reply } = await place(3)
  reply('180 Ringing', OFFERLESS)
  reply('200 OK', withHeaders(sdp({ port: 4000 }), 'Content-Type: text/plain'))
  trunk.reply(await trunk.wait('BYE'), '200 OK')
  t.match(await product.view.ended(callId), {
    termination: { result: 'upstream_error', reason: 'media-not-acceptable' },
    agent: { sessions: 0 },
  })
})

t.test('bodies: SDP among others is found; what is no SDP is refused as such', async (t) => {
  const product = await startProduct(t)
  const audio = await openRtpPeer(t)
  const offer = sdp(audio)
  const refused = [
    [withHeaders(offer, 'Content-Type: text/plain'), 'Accept', 'application/sdp'],
    [withHeaders({ text: 'x' }, 'Content-Type: multipart/mixed'), 'Accept', 'application/sdp'],
    [
      withHeaders(offer, 'Content-Type: application/sdp', 'Content-Encoding: gzip'),
      'Accept-Encoding',
      'identity',
    ],
  ] as const
  for (const [body, header, value] of refused) {
    const far = new FarEnd(product, await SipPeer.open(t))
    const answer = await far.ask('INVITE', body)
    far.send('ACK')
    t.equal(answer.what, '415 INVITE')
    t.equal(answer.headers.get(header), value)
  }
  const far = new FarEnd(product, await SipPeer.open(t))
  await far.invite(withIsup(offer))
  await hears(audio)
  for (const method of ['INVITE', 'UPDATE']) {
    t.match(await far.ask(method, withIsup(offer)), { what: `200 ${method}`, text: /m=audio/ })
    if (method === 'INVITE') far.send('ACK')
    for (const [body, header, value] of refused) {
      const answer = await far.ask(method, body)
      if (method === 'INVITE') far.send('ACK')
      t.equal(answer.what, `415 ${method}`)
      t.equal(answer.headers.get(header), value)
    }
  }
  const isup = withHeaders(
    { text: 'x' },
    'Content-Type: application/isup',
    'Content-Disposition: signal;handling=optional',
  )
  t.notMatch((await far.ask('UPDATE', isup)).text, /m=audio/, 'no offer, no answer')
  await hears(audio)
  await far.hangUp(t)
})
