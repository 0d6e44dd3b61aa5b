// From datagrams to audio in order: reordering, loss, foreign payloads, changes of source.
import t from 'tap'
import type { RtpCounters } from '../../../bridge/rtp/rtp-counters.ts'
import { RtpReceiver } from '../../../bridge/rtp/rtp-receiver.ts'
import { writeRtpHeader } from '../../../bridge/rtp/rtp-packet.ts'
import { SourceGate } from '../../../bridge/rtp/source-gate.ts'
import type { RemoteRtp } from '../../../core/contracts/index.ts'
import { seededRandom } from './seeded-random.ts'
import { remoteRtp } from '../../support/remote-rtp.ts'

const counters = (): RtpCounters => ({
  received: { value: 0 },
  sent: { value: 0 },
  lost: { value: 0 },
  late: { value: 0 },
  jitter: { observe: () => undefined },
  rejected: {
    stranger: { value: 0 },
    'not-rtp': { value: 0 },
    rtcp: { value: 0 },
    'payload-type': { value: 0 },
    duplicate: { value: 0 },
    'out-of-range': { value: 0 },
    'too-large': { value: 0 },
    'too-fast': { value: 0 },
    event: { value: 0 },
  },
})

function stage(remote: Partial<RemoteRtp> = {}) {
  const gate = new SourceGate()
  gate.announce(remoteRtp({ address: '192.0.2.1', port: 4000, ...remote }))
  const counted = counters()
  /** First byte and hole of each delivery. */
  const heard: [number, number][] = []
  const lost: number[] = []
  const codecs: string[] = []
  const other: [string, number][] = []
  const receiver = new RtpReceiver(gate, counted, {
    onAudio: ({ audio, codec, missingSamples, lostSamples }) => {
      heard.push([audio[0]!, missingSamples])
      lost.push(lostSamples)
      codecs.push(codec)
    },
    onComfortNoise: (level) => other.push(['noise', level]),
    onEvent: (payload) => {
      other.push(['event', payload[0]!])
      return payload.length >= 4
    },
    onRestart: () => other.push(['restart', 0]),
  })
  const put = (
    index: number,
    options: {
      at?: number
      payloadType?: number
      ssrc?: number
      bytes?: number
      sequence?: number
      timestamp?: number
    } = {},
  ) => {
    const { at = index * 20, payloadType = 0, ssrc = 1, bytes = 160 } = options
    const datagram = Buffer.alloc(12 + bytes, index & 0xff)
    writeRtpHeader(datagram, {
      marker: false,
      payloadType,
      sequence: options.sequence ?? (65_530 + index) & 0xffff,
      timestamp: options.timestamp ?? (0xffff_fe00 + index * 160) >>> 0,
      ssrc,
    })
    const ours = receiver.receive(datagram, '192.0.2.1', 4000, at)
    // The buffer may be used again once it was received: what is held is a copy.
    datagram.fill(0xee)
    return ours
  }
  return { receiver, counted, heard, lost, codecs, other, put, gate }
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
  const { heard, lost, put, counted } = stage()
  for (const index of [0, 2, 3]) put(index)
  t.same(heard, [[0, 0]], 'still waiting')
  put(4)
  t.same(heard, [
    [0, 0],
    [2, 160],
    [3, 0],
    [4, 0],
  ])
  t.same(lost, [0, 160, 0, 0], 'as a loss, not a pause')
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

t.test('a telephone event takes its turn and leaves a pause, not a loss', async (t) => {
  const { heard, lost, put, counted, other, receiver } = stage({ telephoneEventType: 101 })
  put(0)
  t.equal(put(1, { payloadType: 101, bytes: 4 }), true)
  put(3)
  put(4)
  put(5)
  t.same(heard.slice(1), [
    [3, 320],
    [4, 0],
    [5, 0],
  ])
  t.same(lost.slice(1), [160, 0, 0], 'one of the two packets was the event')
  t.same(other.slice(1), [['event', 1]])
  t.equal(receiver.lost, 1)
  t.equal(receiver.received, 5)
  put(6, { payloadType: 101, bytes: 3 })
  t.equal(counted.rejected.event.value, 1)
})

t.test('what gets lost before an event or comfort noise is not made up after it', async (t) => {
  for (const payloadType of [101, 13]) {
    const { heard, lost, put } = stage({ telephoneEventType: 101 })
    put(0)
    put(2, { payloadType, bytes: 4 })
    put(3, { payloadType, bytes: 4 })
    put(4, { payloadType, bytes: 4 })
    put(5)
    t.same(heard.at(-1), [5, 640])
    t.same(lost, [0, 0], `payload type ${payloadType}`)
  }
})

t.test('events that nobody agreed on are counted', async (t) => {
  const { heard, put, counted, other } = stage()
  put(0)
  t.equal(put(1, { payloadType: 101 }), false)
  t.equal(put(2, { payloadType: 9 }), false, 'and so is a codec')
  put(3)
  t.same(heard.at(-1), [3, 320])
  t.equal(counted.rejected['payload-type'].value, 2)
  t.same(other, [['restart', 0]])
})

t.test('comfort noise is understood without being agreed on', async (t) => {
  const { put, other, counted, receiver } = stage()
  put(0)
  t.ok(put(70, { payloadType: 13, bytes: 1, sequence: 65_531 }))
  t.same(other.slice(1), [['noise', 70]])
  t.ok(put(2, { payloadType: 13, bytes: 0 }), 'one without a level')
  t.same(other.slice(1), [['noise', 70]])
  t.equal(counted.rejected.event.value, 1)
  t.equal(receiver.received, 3)
})

t.test('both laws are understood, agreed on or not', async (t) => {
  // A change of codec finds packets on their way.
  const { put, codecs, counted, gate } = stage({ formats: [{ codec: 'PCMU', payloadType: 0 }] })
  put(0)
  put(1, { payloadType: 8 })
  const formats = [{ codec: 'PCMA', payloadType: 8 }] as const
  gate.announce(remoteRtp({ address: '192.0.2.1', port: 4000, formats }))
  put(2)
  put(3, { payloadType: 8 })
  t.same(codecs, ['PCMU', 'PCMA', 'PCMU', 'PCMA'])
  t.equal(counted.rejected['payload-type'].value, 0)
})

t.test('of two streams at once the newer is heard, while it lasts', async (t) => {
  const { heard, put, counted } = stage()
  for (let index = 0; index < 5; index += 1) put(index, { ssrc: 1 })
  for (let index = 5; index < 15; index += 1) {
    put(index, { ssrc: 1 })
    put(index + 100, { ssrc: 2, at: index * 20 })
  }
  t.same(
    heard.slice(6).map(([index]) => index),
    Array.from({ length: 10 }, (_, at) => at + 105),
  )
  t.equal(counted.rejected['out-of-range'].value, 9)
  for (let index = 15; index < 30; index += 1) put(index, { ssrc: 1 })
  t.same(
    heard.slice(16).map(([index]) => index),
    [22, 23, 24, 25, 26, 27, 28, 29],
  )
})

t.test('each packet may come in any agreed codec', async (t) => {
  const { put, codecs, counted } = stage({
    formats: [
      { codec: 'PCMA', payloadType: 8 },
      { codec: 'PCMU', payloadType: 0 },
    ],
  })
  put(0, { payloadType: 8 })
  put(1)
  put(2, { payloadType: 8 })
  t.same(codecs, ['PCMA', 'PCMU', 'PCMA'])
  t.equal(counted.rejected['payload-type'].value, 0)
})

t.test('timestamps that leap, either way, leave no hole', async (t) => {
  const { heard, lost, put } = stage()
  put(0)
  put(1, { timestamp: 0x4000_0000 })
  put(2, { timestamp: 0x4000_0000 + 160 })
  put(3, { timestamp: 5 })
  put(4, { timestamp: 165 })
  t.same(
    heard.map(([, hole]) => hole),
    [0, 0, 0, 0, 0],
  )
  // And where a packet is lost at the same time, its number says how much.
  for (const index of [6, 7, 8]) put(index, { timestamp: 0x7000_0000 + index * 160 })
  t.same(heard.slice(5), [
    [6, 160],
    [7, 0],
    [8, 0],
  ])
  t.same(lost.slice(5), [160, 0, 0])
})

t.test('a sender that begins anew a little further back is not late for two seconds', async (t) => {
  const { heard, put, counted, receiver } = stage()
  for (let index = 0; index < 50; index += 1) put(index)
  // Its sequence numbers begin 40 back; its time goes on.
  for (let index = 50; index < 60; index += 1)
    put(index, { sequence: (65_540 - 30 + index) & 0xffff })
  for (let index = 60; index < 100; index += 1)
    put(index, { sequence: (65_530 - 40 + index) & 0xffff })
  t.equal(heard.at(-1)?.[0], 99)
  t.ok(heard.length >= 96, 'a packet or two', { heard: heard.length })
  t.ok(counted.rejected.duplicate.value <= 4)
  t.equal(receiver.lost, 0)
})

t.test('late packets and doubles are never a new beginning', async (t) => {
  const { heard, put, other } = stage()
  for (let index = 0; index < 50; index += 1) {
    if (index % 10 === 3) continue
    put(index)
    put(index)
    if (index % 10 === 9) put(index - 6)
  }
  t.equal(heard.length, 45)
  t.same(other, [['restart', 0]])
})

t.test('jitter is that of RFC 3550 A.8', async (t) => {
  const { put, receiver } = stage()
  let jitter = 0
  let before = 0
  for (let index = 0; index < 100; index += 1) {
    const late = (index * 7) % 13
    put(index, { at: index * 20 + late })
    if (index > 0) jitter += (Math.abs(late - before) - jitter) / 16
    before = late
  }
  t.ok(Math.abs(receiver.jitterMs - jitter) < 1e-9, 'in milliseconds', { jitter })
  t.equal(receiver.worstJitterMs, null, 'nobody asked yet')
  receiver.sampleJitter()
  const worst = receiver.worstJitterMs ?? 0
  for (let index = 100; index < 200; index += 1) put(index)
  receiver.sampleJitter()
  t.ok(receiver.jitterMs < worst / 10)
  t.equal(receiver.worstJitterMs, worst)
})

t.test('what a report says of the stream', async (t) => {
  const { put, receiver } = stage()
  t.equal(receiver.report(), null)
  for (let index = 0; index < 100; index += 1) if (index % 4 !== 1) put(index)
  t.match(receiver.report(), {
    ssrc: 1,
    fractionLost: 64,
    cumulativeLost: 25,
    highestSequence: 65_530 + 99,
  })
  for (let index = 100; index < 200; index += 1) put(index)
  t.match(receiver.report(), { fractionLost: 0, cumulativeLost: 25 })
  put(201)
  t.match(receiver.report(), { fractionLost: 128, cumulativeLost: 26 })
  put(200)
  put(202)
  t.match(receiver.report(), { fractionLost: 0, cumulativeLost: 25 }, 'it was only late')
  put(300, { ssrc: 9 })
  t.match(receiver.report(), { ssrc: 9, fractionLost: 0, cumulativeLost: 0 })
  t.equal(receiver.lost, 25, 'the sum is of all streams')
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

t.test('no storm of mutants throws, or leaves anything behind', async (t) => {
  const random = seededRandom(4)
  const { receiver, heard, counted, gate } = stage({ telephoneEventType: 101 })
  const good = Buffer.alloc(12 + 20, 7)
  for (let round = 0; round < 50_000; round += 1) {
    writeRtpHeader(good, {
      marker: false,
      payloadType: [0, 13, 101, 8][round % 4]!,
      sequence: round & 0xffff,
      timestamp: round * 160,
      ssrc: 1,
    })
    const mutant = Buffer.from(good.subarray(0, Math.floor(random() * (good.length + 1))))
    for (let flips = Math.floor(random() * 4); flips > 0 && mutant.length > 0; flips -= 1)
      mutant[Math.floor(random() * mutant.length)] = Math.floor(random() * 256)
    receiver.receive(mutant, '192.0.2.1', 4000, round)
    if (round % 20 === 0) receiver.tick(round)
  }
  t.ok(heard.length > 1000, 'some are heard', { heard: heard.length })
  t.ok(receiver.rejected > 10_000, 'most are not', { rejected: receiver.rejected })
  const counters = Object.values(counted.rejected).reduce((sum, { value }) => sum + value, 0)
  t.equal(counters, receiver.rejected)
  t.match(gate.destination, { port: 4000 })
  receiver.tick(60_000)
  t.notOk(receiver.isHolding)
})
