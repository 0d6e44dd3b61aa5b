// From datagrams to audio in order: reordering, loss, foreign payloads, changes of source.
import t from 'tap'
import type { RtpCounters } from '../../../bridge/rtp/rtp-counters.ts'
import { RtpReceiver } from '../../../bridge/rtp/rtp-receiver.ts'
import { writeRtpHeader } from '../../../bridge/rtp/rtp-packet.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'

const counters = (): RtpCounters => ({
  received: { value: 0 },
  sent: { value: 0 },
  lost: { value: 0 },
  late: { value: 0 },
  rejected: {
    stranger: { value: 0 },
    'not-rtp': { value: 0 },
    rtcp: { value: 0 },
    'payload-type': { value: 0 },
    duplicate: { value: 0 },
    'out-of-range': { value: 0 },
    'too-large': { value: 0 },
    'too-fast': { value: 0 },
  },
})

function stage() {
  const gate = new SourceGate()
  gate.announce({ address: '192.0.2.1', port: 4000, payloadType: 0, receives: true })
  const counted = counters()
  /** First byte and hole of each delivery. */
  const heard: [number, number][] = []
  const receiver = new RtpReceiver(gate, counted, (audio, hole) => heard.push([audio[0]!, hole]))
  const put = (
    index: number,
    options: { at?: number; payloadType?: number; ssrc?: number; bytes?: number } = {},
  ) => {
    const { at = index * 20, payloadType = 0, ssrc = 1, bytes = 160 } = options
    const datagram = Buffer.alloc(12 + bytes, index & 0xff)
    writeRtpHeader(datagram, {
      marker: false,
      payloadType,
      sequence: (65_530 + index) & 0xffff,
      timestamp: (0xffff_fe00 + index * 160) >>> 0,
      ssrc,
    })
    return receiver.receive(datagram, '192.0.2.1', 4000, at)
  }
  return { receiver, counted, heard, put, gate }
}

t.test('packets in order pass at once, across both wraps', async (t) => {
  const { heard, put } = stage()
  for (let index = 0; index < 20; index += 1) {
    put(index)
    t.equal(heard.length, index + 1)
  }
  t.ok(heard.every(([, hole]) => hole === 0))
})

t.test('two swapped packets are put right, nothing is lost', async (t) => {
  const { heard, put, counted, receiver } = stage()
  for (const index of [0, 2, 1, 3]) put(index)
  t.same(heard, [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
  ])
  t.match(counted, { lost: { value: 0 }, late: { value: 0 } })
  t.equal(receiver.lost, 0)
})

t.test('a hole is given up after two packets more, and told by the next packet', async (t) => {
  const { heard, put, counted } = stage()
  for (const index of [0, 2, 3]) put(index)
  t.same(heard, [[0, 0]], 'still waiting')
  put(4)
  t.same(heard, [
    [0, 0],
    [2, 160],
    [3, 0],
    [4, 0],
  ])
  t.equal(counted.lost.value, 1)
  put(1)
  t.equal(counted.late.value, 1, 'it came after its turn')
  t.equal(heard.length, 4)
})

t.test('a hole is given up after 40 ms', async (t) => {
  const { heard, put, receiver, counted } = stage()
  put(0)
  put(2, { at: 40 })
  receiver.tick(79)
  t.equal(heard.length, 1)
  receiver.tick(80)
  t.same(heard[1], [2, 160])
  t.equal(counted.lost.value, 1)
})

t.test('duplicates are dropped, also of a packet that waits', async (t) => {
  const { heard, put, counted } = stage()
  for (const index of [0, 0, 2, 2, 1, 1]) put(index)
  t.same(
    heard.map(([byte]) => byte),
    [0, 1, 2],
  )
  t.equal(counted.rejected.duplicate.value, 3)
  t.equal(counted.received.value, 3)
})

t.test('a telephone event takes its turn and leaves a hole, not a loss', async (t) => {
  const { heard, put, counted, receiver } = stage()
  put(0)
  t.equal(put(1, { payloadType: 101 }), false)
  put(2)
  t.same(heard, [
    [0, 0],
    [2, 160],
  ])
  t.equal(receiver.lost, 0)
  t.equal(counted.rejected['payload-type'].value, 1)
})

t.test('a new SSRC begins a new stream without loss or hole', async (t) => {
  const { heard, put, receiver } = stage()
  put(0)
  put(500, { ssrc: 2 })
  put(501, { ssrc: 2 })
  t.same(heard.slice(1), [
    [500 & 0xff, 0],
    [501 & 0xff, 0],
  ])
  t.equal(receiver.lost, 0)
})

t.test('what waits is forgotten when the agent opens', async (t) => {
  const { heard, put, receiver } = stage()
  put(0)
  put(2)
  receiver.forgetHeld()
  put(3)
  t.same(heard, [
    [0, 0],
    [3, 0],
  ])
})

t.test('a packet of more than 200 ms is nobody’s voice', async (t) => {
  const { heard, put, counted } = stage()
  t.ok(put(0, { bytes: 1600 }))
  t.notOk(put(1, { bytes: 1601 }))
  t.notOk(put(1, { bytes: 60_000 }))
  t.equal(heard.length, 1)
  t.match(counted.rejected['too-large'], { value: 2 })
  t.ok(put(1), 'it did not take the place of the packet it claimed to be')
})

t.test('whose datagrams are heard', async (t) => {
  const gate = new SourceGate()
  t.notOk(gate.admits('192.0.2.1', 4000), 'nobody before the SDP')
  t.equal(gate.destination, null)
  gate.announce({ address: '192.0.2.1', port: 4000, payloadType: 0, receives: true })
  t.notOk(gate.admits('192.0.2.2', 4000), 'another address')
  t.match(gate.destination, { port: 4000 })
  t.ok(gate.admits('192.0.2.1', 5000), 'one other port is learned')
  t.match(gate.destination, { port: 5000 })
  t.notOk(gate.admits('192.0.2.1', 5001), 'and only one')
  t.ok(gate.admits('192.0.2.1', 4000), 'the announced one wins')
  t.notOk(gate.admits('192.0.2.1', 5000), 'for good')
  t.match(gate.destination, { port: 4000 })
  gate.announce({ address: '192.0.2.9', port: 4002, payloadType: 0, receives: true })
  t.notOk(gate.admits('192.0.2.1', 4000), 'a new address ends the old')
  t.match(gate.destination, { address: '192.0.2.9', port: 4002 })
})

t.test('nothing is sent where nothing can arrive', async (t) => {
  const four = new SourceGate(4)
  const six = new SourceGate(6)
  for (const [gate, address, port, payloadType] of [
    [four, '192.0.2.1', 0, 0],
    [four, '192.0.2.1', 65_536, 0],
    [four, '192.0.2.1', -1, 0],
    [four, '192.0.2.1', Number.NaN, 0],
    [four, '192.0.2.1', 4000, 128],
    [four, '192.0.2.1', 4000, -1],
    [four, '192.0.2.1', 4000, 0.5],
    [four, '0.0.0.0', 4000, 0],
    [four, '224.2.1.1', 4000, 0],
    [four, '255.255.255.255', 4000, 0],
    [four, '2001:db8::1', 4000, 0],
    [four, 'carrier.example', 4000, 0],
    [four, '', 4000, 0],
    [six, '192.0.2.1', 4000, 0],
    [six, '::', 4000, 0],
    [six, 'ff02::1', 4000, 0],
  ] as const) {
    gate.announce({ address, port, payloadType, receives: true })
    t.equal(gate.destination, null, `${address} ${port} ${payloadType}`)
    gate.admits(address, 5000)
    t.equal(gate.destination, null, 'whatever is heard from there')
  }
  four.announce({ address: '192.0.2.1', port: 4000, payloadType: 0, receives: true })
  t.match(four.destination, { port: 4000 })
  six.announce({ address: '2001:db8::1', port: 4000, payloadType: 0, receives: true })
  t.match(six.destination, { port: 4000 })
})

t.test('a datagram from port 0 teaches nothing', async (t) => {
  const { gate } = stage()
  t.notOk(gate.admits('192.0.2.1', 0))
  t.match(gate.destination, { port: 4000 })
})

t.test('on hold nothing is sent, and what was learned is kept', async (t) => {
  const { gate } = stage()
  const remote = { address: '192.0.2.1', port: 4000, payloadType: 0 }
  t.ok(gate.admits('192.0.2.1', 5000))
  gate.announce({ ...remote, receives: false })
  t.ok(gate.isHeld)
  t.equal(gate.destination, null)
  t.ok(gate.admits('192.0.2.1', 5000), 'music may be heard')
  t.equal(gate.destination, null)
  gate.announce({ ...remote, receives: true })
  t.notOk(gate.isHeld)
  t.match(gate.destination, { port: 5000 })
})
