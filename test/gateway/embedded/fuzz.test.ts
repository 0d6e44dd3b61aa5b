// Messages with bytes knocked out, doubled and replaced: the server takes none of them ill. The seed is printed.
import t from 'tap'
import { connectApp, delay, FrameApp, openRig, routesSettle, type Any } from './harness.ts'
import { newCallId, requestText, SDP, SipPeer } from './sip-peer.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_401)
const ROUNDS = 4_000
const SPECIAL = [
  '\r\n',
  '\r\n\r\n',
  ';',
  ':',
  ',',
  '"',
  '<',
  '>',
  '@',
  '\0',
  ' ',
  '\t',
  '%',
  '9'.repeat(30),
  ';tag=',
]

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function mutate(text: string, random: (below: number) => number): Buffer {
  let out = text
  for (let time = random(4); time >= 0; time -= 1) {
    const at = random(out.length)
    const length = random(12)
    const piece = SPECIAL[random(SPECIAL.length)] ?? ''
    const inserted =
      [piece, '', String.fromCharCode(random(256)), out.slice(at, at + 40)][random(4)] ?? ''
    out = out.slice(0, at) + inserted + out.slice(at + length)
  }
  return Buffer.from(out, 'latin1')
}

t.test('mutated messages from the network', async (t) => {
  const rig = await openRig(t)
  const srf = await connectApp(t, rig)
  srf.invite((req: Any, res: Any) => {
    srf.createUAS(req, res, { localSdp: SDP }).catch(() => undefined)
  })
  srf.options((_req: Any, res: Any) => void res.send(200))
  await routesSettle()
  const peer = await SipPeer.open(t)
  const random = generator(SEED)
  const methods = [
    'INVITE',
    'ACK',
    'BYE',
    'CANCEL',
    'OPTIONS',
    'PRACK',
    'UPDATE',
    'REFER',
    'REGISTER',
  ]
  for (let round = 0; round < ROUNDS; round += 1) {
    const method = methods[random(methods.length)] ?? 'INVITE'
    const headers = [
      'RAck: 1 1 INVITE',
      'Require: 100rel',
      'Record-Route: <sip:127.0.0.1:9;lr>',
      'Date: Sat, 01 Jan 2000 00:00:00 GMT',
    ]
    const toTag = random(3) === 0 ? 'x' : undefined
    const text = requestText({
      method,
      target: rig.target,
      peer,
      body: SDP,
      headers: [headers[random(4)] ?? ''],
      toTag,
    })
    const response = text.replace(/^[^\r]*/, `SIP/2.0 ${100 + random(600)} Any`)
    peer.send(mutate(random(5) === 0 ? response : text, random), rig.address)
    if (round % 50 === 0) await delay(1)
  }
  await delay(200)
  const callId = newCallId()
  peer.send(requestText({ method: 'OPTIONS', target: rig.target, peer, callId }), rig.address)
  await delay(300)
  const answered = peer.received.some(
    ({ what, headers }) => what === '200 OPTIONS' && headers.get('Call-ID') === callId,
  )
  t.ok(answered, 'still alive', { seed: SEED })
})

t.test('mutated frames from an application', async (t) => {
  const rig = await openRig(t)
  const random = generator(SEED + 1)
  const peer = await SipPeer.open(t)
  const app = await FrameApp.open(t, rig)
  for (let round = 0; round < 1_500; round += 1) {
    const message = `INVITE sip:x@${peer.hostPort} SIP/2.0\r\nFrom: <sip:a@localhost>\r\nContact: sip:a@localhost\r\nContent-Type: text/plain\r\n\r\nhello`
    const leaders = [
      'f|sip||',
      `f|sip||c;from-tag=a`,
      'f|sip|t|',
      'f|route|invite',
      'f|sip|||sip:127.0.0.1:9',
    ]
    const [leader = '', mutated] = [leaders[random(leaders.length)], mutate(message, random)]
    app.send(leader, mutated.toString('latin1'))
    if (round % 50 === 0) await delay(1)
  }
  app.send('last|ping')
  t.match(await app.wait(/\|last\|/), 'pong', { seed: SEED })
})
