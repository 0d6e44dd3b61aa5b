// Odd answers to calls that go out: whatever a 2xx looks like, the application gets its dialog and can hang up.
import t from 'tap'
import { connectApp, delay, openRig, type Any, type Teardown } from './harness.ts'
import { SDP, SipPeer, type Received } from './sip-peer.ts'

async function callingRig(t: Teardown) {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  const peer = await SipPeer.open(t)
  const answered = new Set<Received>()
  const timer = setInterval(() => {
    for (const request of peer.received) {
      if (request.what !== 'BYE' || answered.has(request)) continue
      answered.add(request)
      peer.reply(request, '200 OK')
    }
  }, 3)
  t.teardown(() => clearInterval(timer))
  return { rig, srf, peer, uri: `sip:100@${peer.hostPort}` }
}

interface Answer {
  readonly status?: string
  readonly headers?: readonly string[]
  readonly tag?: string
}

/** One call with this answer, hung up by the application. */
async function callAndHangUp(
  { srf, peer, uri }: Awaited<ReturnType<typeof callingRig>>,
  nth: number,
  { status = '200 OK', headers = [], tag = `t${nth}` }: Answer,
): Promise<Any> {
  const calling: Promise<Any> = srf.createUAC(uri, { localSdp: SDP })
  const invite = await peer.wait('INVITE', nth)
  const sdp = { headers: [...headers, 'Content-Type: application/sdp'], body: SDP }
  peer.reply(invite, status, tag === '' ? sdp : { tag, ...sdp })
  const dialog = await calling
  await dialog.destroy()
  return dialog
}

const gone = async ({ rig }: Awaited<ReturnType<typeof callingRig>>): Promise<number> => {
  const deadline = performance.now() + 3_000
  for (;;) {
    const { dialogs } = await rig.sip.stats()
    if (dialogs === 0 || performance.now() > deadline) return dialogs
    await delay(20)
  }
}

t.test('a 2xx whose Contact is unusable can be hung up', async (t) => {
  const setup = await callingRig(t)
  const { peer, uri } = setup
  const contacts = [
    ['Contact:'],
    ['Contact: *'],
    ['Contact: <sip:x@127.0.0.1:0>'],
    ['Contact: <sip:x@127.0.0.1:99999>'],
    ['Contact: <sip:@>'],
    ['Contact: nonsense'],
    ['Contact: "open <sip:x@127.0.0.1>'],
    ['Contact: <sip:x@[::1'],
    [`Contact: <${uri}>, `],
    [`Contact: <${uri}>`, 'Contact: ;'],
    [`Contact: <${uri}>`, 'Contact:'],
  ]
  for (const [index, headers] of contacts.entries()) {
    const dialog = await callAndHangUp(setup, index + 1, { headers })
    const bye = await peer.wait('BYE', index + 1)
    t.match(bye.text, `BYE ${uri} SIP/2.0`, headers.join(' '))
    t.equal(dialog.remote.uri, uri)
    await peer.wait('ACK', index + 1)
  }
  t.equal(await gone(setup), 0)
})

t.test(
  'a 2xx without a Contact is a 500 to the application, and the server hangs up',
  async (t) => {
    const setup = await callingRig(t)
    const { srf, peer, uri } = setup
    for (const [index, status] of ['200 OK', '202 Accepted'].entries()) {
      const calling: Promise<Any> = srf.createUAC(uri, { localSdp: SDP })
      const invite = await peer.wait('INVITE', index + 1)
      const sdp = { headers: ['Content-Type: application/sdp'], body: SDP }
      peer.reply(invite, status, { tag: 'a', ...sdp })
      t.match(await calling.catch((error: unknown) => error), { status: 500 })
      await peer.wait('ACK', index + 1)
      const bye = await peer.wait('BYE', index + 1)
      t.match(bye.text, `BYE ${uri} SIP/2.0`)
    }
    await delay(30)
    t.equal(peer.count('ACK'), 2, 'one ACK each')
    t.equal(await gone(setup), 0)
  },
)

t.test('where the Contact leads elsewhere, the source address is used', async (t) => {
  const setup = await callingRig(t)
  const contacts = ['tel:+4930', 'sip:x@[::1]:5060', 'sip:x@no-such-host.invalid', 'sips:x@h']
  for (const [index, contact] of contacts.entries()) {
    await callAndHangUp(setup, index + 1, { headers: [`Contact: <${contact}>`] })
    const bye = await setup.peer.wait('BYE', index + 1)
    t.match(bye.text, `BYE ${contact} SIP/2.0`)
  }
  t.equal(await gone(setup), 0)
})

t.test('a 2xx other than 200 is an answer (RFC 3261 §8.1.3.2)', async (t) => {
  const setup = await callingRig(t)
  const statuses = ['202 Accepted', '204 No Notification', '299 Whatever']
  for (const [index, status] of statuses.entries()) {
    const headers = [index === 0 ? 'Contact:' : `Contact: <${setup.uri}>`]
    const dialog = await callAndHangUp(setup, index + 1, { status, headers })
    t.equal(dialog.res.status, 200, status)
    await setup.peer.wait('ACK', index + 1)
    await setup.peer.wait('BYE', index + 1)
  }
  t.equal(await gone(setup), 0)
})

t.test('so is one without a To tag, from before RFC 3261', async (t) => {
  const setup = await callingRig(t)
  await callAndHangUp(setup, 1, { tag: '', headers: [`Contact: <${setup.uri}>`] })
  await setup.peer.wait('BYE')
  t.equal(await gone(setup), 0)
})

t.test('a re-INVITE answered 202 is answered', async (t) => {
  const { srf, peer, uri } = await callingRig(t)
  const calling: Promise<Any> = srf.createUAC(uri, { localSdp: SDP })
  const sdp = { headers: ['Content-Type: application/sdp'], body: SDP }
  const first = { headers: [`Contact: <${uri}>`, ...sdp.headers], body: SDP }
  peer.reply(await peer.wait('INVITE'), '200 OK', { tag: 'a', ...first })
  const dialog = await calling
  const modified = dialog.modify(SDP)
  peer.reply(await peer.wait('INVITE', 2), '202 Accepted', sdp)
  t.equal(await modified, SDP)
  await dialog.destroy()
})

t.test('routes and addresses nothing can be sent to do not keep a call', async (t) => {
  const setup = await callingRig(t)
  // With a port: somebody may listen at 5060.
  const nobody = '127.0.0.1:9'
  const ways = [
    ['Contact:', 'Record-Route: <sip:127.0.0.1:0;lr>'],
    ['Contact:', 'Record-Route: nonsense'],
    ['Contact:', 'Record-Route: <sip:[::1]:5060;lr>'],
    ['Contact:', 'Record-Route: <sip:[::1]:5060>'],
    ['Contact:', 'Record-Route: <sip:x;maddr=;lr>'],
    ['Contact:', 'Record-Route: <sip:255.255.255.255;lr>'],
    [`Contact: <sip:x@${nobody};maddr=>`],
    [`Contact: <sip:x@${nobody};maddr=::1>`],
    [`Contact: <sip:x@127.0.0.1;maddr=255.255.255.255>`],
  ]
  const { rig, srf, peer, uri } = setup
  for (const [index, headers] of ways.entries()) {
    const calling: Promise<Any> = srf.createUAC(uri, { localSdp: SDP })
    const sdp = { headers: [...headers, 'Content-Type: application/sdp'], body: SDP }
    peer.reply(await peer.wait('INVITE', index + 1), '200 OK', { tag: 'a', ...sdp })
    const dialog = await calling
    await dialog.destroy()
    t.pass(headers.join())
  }
  t.equal(await gone(setup), 0)
  t.equal(peer.count('BYE'), 6, 'most fall back to the address the answer came from')
  t.match(await rig.sip.stats(), { unreachable: 3, timeouts: 0 })
})
