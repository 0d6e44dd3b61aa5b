// Whose datagrams are heard: the announced source, one that is learned, and never a stranger.
import t from 'tap'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import type { RemoteRtp } from '../../../core/contracts/index.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'

const FAR = { address: '192.0.2.1', port: 4000 }

function stage(remote: Partial<RemoteRtp> = {}, family: 4 | 6 = 4) {
  const gate = new SourceGate(family)
  const announce = (changed: Partial<RemoteRtp> = {}) =>
    gate.announce(remoteRtp({ ...FAR, ...remote, ...changed }))
  announce()
  return { gate, announce }
}

t.test('before the SDP nobody is heard and nothing is sent', async (t) => {
  const gate = new SourceGate()
  t.notOk(gate.isAnnounced)
  t.notOk(gate.admits('192.0.2.1', 4000, 0))
  t.notOk(gate.admits('', 0, 0))
  t.notOk(gate.admitsRtcp('192.0.2.1'))
  t.equal(gate.destination, null)
  t.equal(gate.rtcpDestination, null)
  t.equal(gate.codecOf(0), null)
  t.equal(gate.lineCodec, 'PCMU')
  t.notOk(gate.owesAudio)
})

t.test('the first source of the announced address is learned and locked', async (t) => {
  const { gate } = stage()
  t.notOk(gate.admits('198.51.100.2', 4000, 0), 'another address')
  t.match(gate.destination, FAR)
  t.ok(gate.admits('192.0.2.1', 5000, 0), 'one other port is learned')
  t.match(gate.destination, { port: 5000 })
  t.notOk(gate.admits('192.0.2.1', 5001, 0), 'and only one')
  t.ok(gate.admits('192.0.2.1', 5000, 0))
  t.ok(gate.admits('192.0.2.1', 4000, 0), 'the announced one wins')
  t.notOk(gate.admits('192.0.2.1', 5000, 0), 'for good')
  t.match(gate.destination, FAR)
  t.notOk(gate.admits('192.0.2.1', 0, 0), 'nothing can be sent to port 0')
})

t.test('behind a NAT the audio comes from where the signalling does', async (t) => {
  const { gate } = stage({ address: '10.0.0.7', signallingAddress: '203.0.113.9' })
  t.match(gate.destination, { address: '10.0.0.7', port: 4000 }, 'until it is heard')
  t.notOk(gate.admits('203.0.113.10', 5000, 0))
  t.ok(gate.admits('203.0.113.9', 5000, 0))
  t.match(gate.destination, { address: '203.0.113.9', port: 5000 })
  t.notOk(gate.admits('203.0.113.9', 5002, 0), 'another call of the same network')
  t.ok(gate.admits('10.0.0.7', 4000, 0), 'a direct way after all')
  t.notOk(gate.admits('203.0.113.9', 5000, 0))
})

t.test('a neighbour is learned when nobody else is heard for half a second', async (t) => {
  const { gate } = stage()
  for (let at = 1000; at < 1500; at += 20) t.notOk(gate.admits('192.0.2.200', 7000, at))
  t.match(gate.destination, FAR, 'nothing is sent to it before')
  t.ok(gate.admits('192.0.2.200', 7000, 1500))
  t.match(gate.destination, { address: '192.0.2.200', port: 7000 })
  t.notOk(gate.admits('192.0.2.201', 7000, 9000), 'and one only')
  t.notOk(gate.admits('192.0.3.1', 7000, 9000), 'no neighbour')

  const probed = stage().gate
  for (let at = 1000; at < 5000; at += 20)
    t.notOk(probed.admits('192.0.2.200', 7000 + ((at / 20) % 2), at), 'two that take turns')
  for (let at = 5000; at < 9000; at += 400)
    t.notOk(probed.admits('192.0.2.200', 7000, at), 'a packet now and then')

  const busy = stage().gate
  t.notOk(busy.admits('192.0.2.200', 7000, 1000))
  t.ok(busy.admits('192.0.2.1', 4000, 1100))
  t.notOk(busy.admits('192.0.2.200', 7000, 9000), 'never once the announced one spoke')
})

t.test('on loopback there are no neighbours', async (t) => {
  const { gate } = stage({ address: '127.0.0.1' })
  for (const at of [0, 500, 1000, 5000]) t.notOk(gate.admits('127.0.0.2', 4000, at))
  const six = stage({ address: '::1' }, 6).gate
  for (const at of [0, 500, 1000, 5000]) t.notOk(six.admits('::2', 4000, at))
})

t.test('IPv6: however it is written, and its /64', async (t) => {
  const { gate } = stage({ address: '2001:DB8:0:0:0:0:0:1' }, 6)
  t.ok(gate.admits('2001:db8::1', 4000, 0))
  const near = stage({ address: '2001:DB8::1' }, 6).gate
  for (let at = 0; at < 500; at += 20) t.notOk(near.admits('2001:db8::ffff:1', 9, at))
  t.ok(near.admits('2001:db8::ffff:1', 9, 500))
  t.notOk(stage({ address: '2001:DB8::1' }, 6).gate.admits('2001:db8:0:1::1', 9, 600))
  const far = stage({ address: '2001:DB8::1' }, 6).gate
  t.notOk(far.admits('2001:db8:0:1::1', 9, 0))
  t.notOk(far.admits('2001:db8:0:1::1', 9, 900))
})

t.test('each SDP opens the lock', async (t) => {
  const { gate, announce } = stage({ signallingAddress: '203.0.113.9' })
  t.ok(gate.admits('203.0.113.9', 5000, 0))
  announce()
  t.match(gate.destination, { address: '203.0.113.9', port: 5000 }, 'the same place: kept for now')
  t.ok(gate.admits('203.0.113.9', 6000, 0), 'its NAT gave it another port')
  t.match(gate.destination, { port: 6000 })
  t.notOk(gate.admits('203.0.113.9', 5000, 0))
  announce({ address: '192.0.2.9', port: 4002 })
  t.match(gate.destination, { address: '192.0.2.9', port: 4002 }, 'another place: sent there')
  t.notOk(gate.admits('192.0.2.1', 4000, 0), 'a new address ends the old')
  t.ok(gate.admits('192.0.2.9', 4002, 0))
})

t.test('a neighbour that was learned needs no second wait', async (t) => {
  const { gate, announce } = stage()
  for (let at = 0; at < 600; at += 20) gate.admits('192.0.2.200', 7000, at)
  t.ok(gate.admits('192.0.2.200', 7000, 600))
  announce()
  t.ok(gate.admits('192.0.2.200', 7000, 601))
})

t.test('hold: nothing is sent, and nobody new is heard', async (t) => {
  const { gate, announce } = stage({ signallingAddress: '203.0.113.9' })
  t.ok(gate.owesAudio)
  t.ok(gate.admits('192.0.2.1', 5000, 0))
  announce({ receives: false })
  t.ok(gate.isHeld)
  t.notOk(gate.owesAudio)
  t.equal(gate.destination, null)
  t.equal(gate.rtcpDestination, null)
  t.ok(gate.admits('192.0.2.1', 5000, 0), 'music may be heard')
  t.equal(gate.destination, null)
  announce({ receives: false, sends: false })
  t.notOk(gate.admits('203.0.113.9', 5000, 0), 'it said it sends nothing')
  t.notOk(gate.admits('192.0.2.1', 5002, 0))
  announce()
  t.ok(gate.owesAudio)
  t.match(gate.destination, { port: 5000 }, 'what was learned is kept')
  announce({ address: '0.0.0.0' })
  t.ok(gate.isHeld, 'as it was written before sendonly')
  for (const address of ['0.0.0.0', '192.0.2.1', '203.0.113.9', '0.0.0.9'])
    for (const at of [0, 1000]) if (address !== '0.0.0.0') t.notOk(gate.admits(address, 5000, at))
  t.equal(gate.destination, null)
  announce({ sends: false })
  t.notOk(gate.isHeld)
  t.notOk(gate.owesAudio, 'recvonly: it listens')
  t.match(gate.destination, FAR)
})

t.test('nothing is sent where nothing can arrive', async (t) => {
  for (const [family, address, port, payloadType] of [
    [4, '192.0.2.1', 0, 0],
    [4, '192.0.2.1', 65_536, 0],
    [4, '192.0.2.1', -1, 0],
    [4, '192.0.2.1', Number.NaN, 0],
    [4, '192.0.2.1', 4000, 128],
    [4, '192.0.2.1', 4000, -1],
    [4, '192.0.2.1', 4000, 0.5],
    [4, '0.0.0.0', 4000, 0],
    [4, '224.2.1.1', 4000, 0],
    [4, '255.255.255.255', 4000, 0],
    [4, '2001:db8::1', 4000, 0],
    [4, 'carrier.example', 4000, 0],
    [4, '', 4000, 0],
    [6, '192.0.2.1', 4000, 0],
    [6, '::', 4000, 0],
    [6, 'ff02::1', 4000, 0],
  ] as const) {
    const formats = [{ codec: 'PCMU', payloadType }] as const
    const { gate } = stage({ address, port, formats, signallingAddress: '203.0.113.9' }, family)
    t.equal(gate.destination, null, `${address} ${port} ${payloadType}`)
    gate.admits(address, 5000, 0)
    gate.admits('203.0.113.9', 5000, 0)
    t.equal(gate.destination, null, 'whatever is heard from there')
    t.equal(gate.rtcpDestination, null)
  }
  t.match(stage({ address: '2001:db8::1' }, 6).gate.destination, { port: 4000 })
})

t.test('codecs by payload type, and the line is what we send', async (t) => {
  const { gate, announce } = stage({
    formats: [
      { codec: 'PCMA', payloadType: 8 },
      { codec: 'PCMU', payloadType: 0 },
    ],
    telephoneEventType: 101,
  })
  t.same(gate.format, { codec: 'PCMA', payloadType: 8 })
  t.equal(gate.lineCodec, 'PCMA')
  t.equal(gate.codecOf(8), 'PCMA')
  t.equal(gate.codecOf(0), 'PCMU')
  t.equal(gate.codecOf(18), null)
  t.equal(gate.codecOf(-1), null)
  t.equal(gate.codecOf(128), null)
  t.equal(gate.telephoneEventType, 101)
  announce({ formats: [{ codec: 'PCMU', payloadType: 96 }], telephoneEventType: null })
  t.equal(gate.codecOf(8), 'PCMA', 'no longer agreed on, and still on its way')
  t.equal(gate.codecOf(101), null)
  t.equal(gate.codecOf(96), 'PCMU')
  t.equal(gate.telephoneEventType, null)
})

t.test('where reports go', async (t) => {
  const { gate, announce } = stage({ rtcpPort: 4011 })
  t.same(gate.rtcpDestination, { address: '192.0.2.1', port: 4011 })
  gate.admits('192.0.2.1', 5000, 0)
  t.match(gate.rtcpDestination, { port: 4011 }, 'its audio comes from elsewhere; nothing is known')
  t.notOk(gate.admitsRtcp('192.0.2.2'))
  t.ok(gate.admitsRtcp('192.0.2.1'))
  gate.rtcpHeard(5007)
  t.match(gate.rtcpDestination, { port: 5007 }, 'where its own come from')
  announce({ rtcpPort: 4000 })
  t.ok(gate.isRtcpMuxed)
  t.match(gate.rtcpDestination, { port: 5000 }, 'one port for both')

  const early = stage().gate
  early.rtcpHeard(5033)
  early.admits('192.0.2.1', 5032, 0)
  t.match(early.rtcpDestination, { port: 5033 }, 'its first report came before its first audio')

  const nat = stage({ address: '10.0.0.7', signallingAddress: '203.0.113.9' }).gate
  t.ok(nat.admitsRtcp('10.0.0.7'))
  t.notOk(nat.admitsRtcp('203.0.113.9'), 'reports teach no address')
  nat.admits('203.0.113.9', 5000, 0)
  t.same(nat.rtcpDestination, { address: '203.0.113.9', port: 5001 })
  t.ok(nat.admitsRtcp('203.0.113.9'))
  t.notOk(nat.admitsRtcp('10.0.0.7'))
  nat.rtcpHeard(5055)
  t.match(nat.rtcpDestination, { port: 5055 })
})

t.test('keys by the number of an answer, and by that of our offer', async (t) => {
  const { gate, announce } = stage()
  announce({ telephoneEventType: null })
  t.same(
    [96, 101].map((type) => gate.isKey(type)),
    [false, false],
    'nobody agreed on them',
  )
  announce({ telephoneEventType: 96 })
  t.same(
    [96, 97, 101].map((type) => gate.isKey(type)),
    [true, false, true],
  )
  announce({ telephoneEventType: 96, formats: [{ codec: 'PCMA', payloadType: 101 }] })
  t.notOk(gate.isKey(101), 'a number that means something else')
})
