// The carrier complains of what breaks the protocol: hand-made datagrams, each wrong in one way, sent to a real carrier.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import {
  startCarrier,
  type Carrier,
  type CarrierCallRecord,
} from '../../../simulators/carrier/index.ts'

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 0',
  '',
].join('\r\n')

type Changes = Record<string, string | null>

interface Peer {
  readonly carrier: Carrier
  readonly send: (text: string) => void
  /** The first response with that status. */
  readonly response: (status: number) => Promise<string>
  readonly request: (method: string, changes?: Changes, uri?: string) => string
}

async function build(test: Test, recordRoute = false): Promise<Peer> {
  const carrier = await startCarrier({ recordRoute, timers: { t1Ms: 100, t2Ms: 400 } })
  const socket: Socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const received: string[] = []
  socket.on('message', (data) => received.push(data.toString()))
  test.teardown(async () => {
    socket.close()
    await carrier.close()
  })
  const { host, port } = carrier.address
  const ownPort = socket.address().port
  let branch = 0
  return {
    carrier,
    send: (text) => socket.send(text, port, host),
    response: async (status) => {
      for (let turn = 0; turn < 200; turn++) {
        const found = received.find((text) => text.startsWith(`SIP/2.0 ${status}`))
        if (found) {
          received.splice(received.indexOf(found), 1)
          return found
        }
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error(`no ${status} came`)
    },
    request: (method, changes = {}, uri = `sip:100@${host}:${port}`) => {
      const body = method === 'INVITE' ? SDP : ''
      const headers: Record<string, string | null> = {
        Via: `SIP/2.0/UDP 127.0.0.1:${ownPort};branch=z9hG4bK-${++branch};rport`,
        'Max-Forwards': '70',
        From: '<sip:200@127.0.0.1>;tag=them',
        To: '<sip:100@127.0.0.1>',
        'Call-ID': 'one@127.0.0.1',
        CSeq: `1 ${method}`,
        Contact: `<sip:200@127.0.0.1:${ownPort}>`,
        ...(body ? { 'Content-Type': 'application/sdp' } : {}),
        'Content-Length': `${body.length}`,
        ...changes,
      }
      const lines = Object.entries(headers).flatMap(([name, value]) =>
        value === null ? [] : [`${name}: ${value}`],
      )
      return [`${method} ${uri} SIP/2.0`, ...lines, '', body].join('\r\n')
    },
  }
}

const tagFrom = (text: string): string => /^To:.*;tag=(\S+)/m.exec(text)?.[1] ?? ''
const contactFrom = (text: string): string => /^Contact: <([^>]+)>/m.exec(text)?.[1] ?? ''

t.test('a faulty INVITE is named for its fault', async (t) => {
  const faults: [changes: Changes, complaint: string][] = [
    [{ Contact: null }, 'INVITE without exactly one Contact'],
    [{ 'Content-Length': '3' }, "INVITE with a Content-Length that is not the body's"],
    [{ 'Content-Type': null }, 'INVITE with a body without Content-Type'],
    [{ 'Max-Forwards': null }, 'INVITE with a bad Max-Forwards'],
    [{ CSeq: '1 OPTIONS' }, 'INVITE with the CSeq method of another'],
    [{ CSeq: 'one INVITE' }, 'INVITE with a bad CSeq'],
    [{ From: '<sip:200@127.0.0.1>' }, 'INVITE without a From tag'],
    [
      { Via: 'SIP/2.0/UDP 127.0.0.1:1;branch=old;rport' },
      'INVITE with a Via branch without the magic cookie',
    ],
  ]
  for (const [changes, complaint] of faults) {
    const { carrier, send, request } = await build(t)
    carrier.script('*', [{ reject: 486 }])
    send(request('INVITE', changes))
    const call = await carrier.waitForCall((found) => found.finalStatus !== null, 2000)
    t.ok(call.protocolErrors.includes(complaint), complaint, { seen: call.protocolErrors })
  }
})

t.test('an INVITE that could not be better draws no complaint', async (t) => {
  const { carrier, send, request, response } = await build(t)
  carrier.script('*', [{ reject: 486 }])
  const invite = request('INVITE')
  send(invite)
  const busy = await response(486)
  const via = /^Via: (.*)$/m.exec(invite)?.[1] ?? ''
  send(request('ACK', { Via: via, To: `<sip:100@127.0.0.1>;tag=${tagFrom(busy)}` }))
  const call = await carrier.waitForCall((found) => found.messages.length >= 4, 2000)
  t.same(call.protocolErrors, [])
})

async function answered(peer: Peer): Promise<{ ok: string; call: CarrierCallRecord }> {
  peer.carrier.script('*', [{ answer: true }, { untilHangUp: 9000 }])
  peer.send(peer.request('INVITE'))
  const ok = await peer.response(200)
  return { ok, call: peer.carrier.calls[0]! }
}

t.test('ACK and BYE that stray from the dialog are named for it', async (t) => {
  const peer = await build(t, true)
  const { ok, call } = await answered(peer)
  const to = `<sip:100@127.0.0.1>;tag=${tagFrom(ok)}`
  const { host, port } = peer.carrier.address
  const route = `<sip:${host}:${port};lr>`
  const complain = async (text: string, complaint: string): Promise<void> => {
    peer.send(text)
    await peer.carrier.waitForCall((found) => found.protocolErrors.includes(complaint), 2000)
    t.pass(complaint)
  }
  const contact = contactFrom(ok)
  await complain(
    peer.request('ACK', { To: to, Route: route, CSeq: '9 ACK' }, contact),
    'ACK with the wrong CSeq number',
  )
  await complain(
    peer.request('ACK', { To: to }, contact),
    'ACK lacks the Route of the Record-Route',
  )
  await complain(
    peer.request('INFO', { To: to, Route: '<sip:127.0.0.9;lr>', CSeq: '2 INFO' }, contact),
    'INFO with the wrong Route',
  )
  await complain(
    peer.request('BYE', { To: to, Route: route, CSeq: '3 BYE' }),
    'BYE to a target that is not our Contact',
  )
  t.match(call, { byeBy: 'gateway' })
  t.equal(call.protocolErrors.length, 4)
})

t.test('a message that goes past the record-routing proxy is seen', async (t) => {
  const peer = await build(t, true)
  const { ok } = await answered(peer)
  const decoy = Number(/:(\d+)$/.exec(contactFrom(ok))?.[1])
  t.not(decoy, peer.carrier.address.port)
  const stray = createSocket('udp4')
  const to = `<sip:100@127.0.0.1>;tag=${tagFrom(ok)}`
  stray.send(peer.request('ACK', { To: to }, contactFrom(ok)), decoy, '127.0.0.1')
  t.teardown(() => void stray.close())
  const complaint = 'a message went past the proxy that record-routed'
  await peer.carrier.waitForCall((found) => found.protocolErrors.includes(complaint), 2000)
})

t.test('CANCEL must repeat its INVITE; strangers get 481', async (t) => {
  const peer = await build(t)
  peer.carrier.script('*', [{ ring: 0 }, { neverAnswer: true }])
  const invite = peer.request('INVITE')
  peer.send(invite)
  await peer.response(180)
  const via = /^Via: (.*)$/m.exec(invite)?.[1] ?? ''
  peer.send(peer.request('CANCEL', { Via: via, CSeq: '2 CANCEL' }, 'sip:other@127.0.0.1'))
  await peer.response(487)
  t.same(peer.carrier.calls[0]?.protocolErrors, [
    'CANCEL with another Request-URI than its INVITE',
    'CANCEL with the wrong CSeq number',
  ])
  peer.send(peer.request('BYE', { To: '<sip:100@127.0.0.1>;tag=x', 'Call-ID': 'none' }))
  await peer.response(481)
  t.same(peer.carrier.protocolErrors, ['BYE in no dialog of ours'])
})

t.test('OPTIONS and REGISTER get 200, nonsense is noted and survived', async (t) => {
  const peer = await build(t)
  peer.send('not SIP at all')
  peer.send('INVITE sip:x SIP/2.0\r\n\r\n')
  peer.send(peer.request('OPTIONS'))
  t.match(await peer.response(200), /^Allow: .*OPTIONS/m)
  peer.send(peer.request('REGISTER', { Expires: '60' }))
  t.match(await peer.response(200), /^Contact: .*;expires=60/m)
  peer.send(peer.request('PUBLISH'))
  await peer.response(405)
  t.equal(peer.carrier.protocolErrors.length, 2)
})
