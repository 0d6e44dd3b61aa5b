// What a far end may ask in the middle of a call, written byte by byte: answered truly, and a broken line of SDP ends
// nobody else's call.
import t, { type Test } from 'tap'
import { newBranch, newCallId, requestText, SDP, SipPeer } from '../gateway/embedded/sip-peer.ts'
import { startProduct, type Product } from '../support/start-product.ts'

interface Caller {
  readonly peer: SipPeer
  /** Sends a request of the dialog; the next CSeq unless it is an ACK. */
  readonly ask: (method: string, body?: string) => void
}

/** Calls in and is answered; `ack` is the body of the ACK. */
async function callIn(t: Test, product: Product, offer = SDP, ack = ''): Promise<Caller> {
  const peer = await SipPeer.open(t)
  const to = { host: product.sipHost, port: product.sipPort }
  const target = `sip:agent@${to.host}:${to.port}`
  const callId = newCallId()
  peer.send(requestText({ method: 'INVITE', target, peer, callId, body: offer }), to)
  const answer = await peer.wait('200 INVITE')
  const toTag = /;tag=([^;>\s]+)/.exec(answer.headers.get('To') ?? '')?.[1]
  let seq = 1
  const ask = (method: string, body = ''): void => {
    if (method !== 'ACK') seq += 1
    const branch = newBranch()
    peer.send(requestText({ method, target, peer, callId, toTag, seq, branch, body }), to)
  }
  ask('ACK', ack)
  return { peer, ask }
}

t.test('we say what we understand, and refuse the rest instead of pretending', async (t) => {
  const product = await startProduct(t)
  const { peer, ask } = await callIn(t, product)
  const answer = await peer.wait('200 INVITE')
  t.match(answer.headers.get('Allow'), /INVITE, ACK, CANCEL, BYE, OPTIONS/)
  ask('MESSAGE')
  t.match((await peer.wait('405 MESSAGE')).headers.get('Allow'), /UPDATE/)
  ask('REFER')
  t.ok(await peer.wait('603 REFER'), 'no caller makes us dial')
  ask('NOTIFY')
  t.ok(await peer.wait('489 NOTIFY'), 'nobody subscribed')
  ask('INFO')
  await peer.wait('200 INFO')
  ask('UPDATE', `${SDP}a=inactive\r\n`)
  t.match((await peer.wait('200 UPDATE')).text, /a=inactive/, 'the hold is answered in kind')
  ask('BYE')
  await peer.wait('200 BYE')
  await product.idle()
})

t.test('a line of SDP that cannot be read ends its own call and no other', async (t) => {
  const product = await startProduct(t)
  const innocent = await callIn(t, product)
  const broken = `${SDP}a=rtpmap:0 8000\r\n`
  const { peer } = await callIn(t, product, '', broken)
  await peer.wait('BYE')
  innocent.ask('INVITE', broken)
  await innocent.peer.wait('488 INVITE')
  innocent.ask('BYE')
  await innocent.peer.wait('200 BYE')
})
