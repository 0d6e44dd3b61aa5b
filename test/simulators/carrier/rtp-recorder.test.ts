// What the carrier's ear counts: hand-made packets with sequence wrap, loss, reordering, repeats, a new sender.
import t from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { RtpRecorder } from '../../../simulators/carrier/rtp-recorder.ts'

interface Made {
  readonly sequence: number
  readonly timestamp?: number
  readonly ssrc?: number
  readonly fill?: number
  readonly marker?: boolean
  readonly payloadBytes?: number
}

function packet(made: Made): Buffer {
  const { sequence, ssrc = 1, fill = 0x80, marker = false, payloadBytes = 160 } = made
  const bytes = Buffer.alloc(12 + payloadBytes, fill)
  bytes.writeUInt8(0x80, 0)
  bytes.writeUInt8(marker ? 0x80 : 0, 1)
  bytes.writeUInt16BE(sequence & 0xffff, 2)
  bytes.writeUInt32BE((made.timestamp ?? sequence * 160) >>> 0, 4)
  bytes.writeUInt32BE(ssrc, 8)
  return bytes
}

function record(packets: readonly (Made & { readonly at: number })[]): RtpRecorder {
  const recorder = new RtpRecorder()
  for (const made of packets) recorder.receive(packet(made), '127.0.0.1:9', epochMs(1e12 + made.at))
  return recorder
}

t.test('a steady stream over the wrap of the sequence number is flawless', async (t) => {
  const steady = Array.from({ length: 20 }, (_, index) => ({
    sequence: 65_530 + index,
    at: index * 20,
  }))
  const heard = record(steady)
  t.match(heard, {
    packets: 20,
    lost: 0,
    outOfOrder: 0,
    duplicates: 0,
    late: 0,
    gaps: [],
    holes: [],
  })
  t.equal(heard.timestampsFollowClock, true)
  t.equal(heard.audio.length, 3200)
})

t.test('loss leaves a hole of silence in its place', async (t) => {
  const heard = record([0, 1, 4, 5].map((sequence) => ({ sequence, at: sequence * 20 })))
  t.match(heard, { packets: 4, lost: 2, holes: [{ offsetMs: 40, ms: 40 }] })
  t.match(heard.gaps, [{ at: 1e12 + 80, ms: 40 }])
  t.same(heard.audio.subarray(320, 640), Buffer.alloc(320, 0xff))
  t.equal(heard.audio.length, 960)
})

t.test('the beginning is where the promptest packet puts it', async (t) => {
  const late = [70, 20, 45, 64].map((at, sequence) => ({ sequence, at }))
  t.match(record(late), { firstAt: 1e12 + 70, beganAt: 1e12 })
  t.match(record([{ sequence: 7, at: 33 }]), { firstAt: 1e12 + 33, beganAt: 1e12 + 33 })
})

t.test('quiet is what was received as silence, not time in which nothing came', async (t) => {
  const quiet = (at: number, sequence: number) => ({ at, sequence, fill: 0xff })
  t.equal(record([{ sequence: 0, at: 0, fill: 0 }]).quietMs, 0)
  t.equal(record([{ sequence: 0, at: 0, fill: 0 }, quiet(20, 1), quiet(900, 45)]).quietMs, 40)
})

t.test('reordered and repeated packets are counted and land in their place', async (t) => {
  const heard = record([
    { sequence: 0, fill: 1, at: 0 },
    { sequence: 2, fill: 3, at: 20 },
    { sequence: 1, fill: 2, at: 40 },
    { sequence: 1, fill: 9, at: 41 },
  ])
  t.match(heard, { outOfOrder: 1, duplicates: 1, lost: 0 })
  t.same([heard.audio[0], heard.audio[160], heard.audio[320]], [1, 2, 3])
})

t.test('timestamps that do not follow the clock are found', async (t) => {
  const fast = Array.from({ length: 20 }, (_, sequence) => ({ sequence, at: sequence * 10 }))
  t.equal(record(fast).timestampsFollowClock, false, 'twice real time')
  const stuck = Array.from({ length: 3 }, (_, sequence) => ({
    sequence,
    timestamp: 0,
    at: sequence * 20,
  }))
  t.equal(record(stuck).timestampsFollowClock, false, 'timestamps that stand still')
  const late = record(
    [0, 1, 2].map((sequence) => ({ sequence, at: sequence * 20 + (sequence === 1 ? 70 : 0) })),
  )
  t.equal(late.late, 1)
  const spurt = record([
    { sequence: 0, at: 0 },
    { sequence: 1, timestamp: 8000, marker: true, at: 1000 },
  ])
  t.equal(spurt.timestampsFollowClock, true, 'silence may be skipped at a marker')
  t.match(spurt, { markers: 1, lost: 0, holes: [{ ms: 980 }] })
})

t.test('a new sender goes on where the old one stopped', async (t) => {
  const heard = record([
    { sequence: 100, ssrc: 1, fill: 1, at: 0 },
    { sequence: 9000, ssrc: 2, fill: 2, at: 20 },
    { sequence: 9001, ssrc: 2, fill: 2, at: 40 },
  ])
  t.same(heard.ssrcs, [1, 2])
  t.match(heard, { lost: 0, outOfOrder: 0 })
  t.equal(heard.audio.length, 480)
})

t.test(
  'what is not G.711 in whole steps of 10 ms is malformed, and a voice is told from silence',
  async (t) => {
    const heard = new RtpRecorder()
    heard.receive(Buffer.from('short'), '127.0.0.1:9', epochMs(1))
    heard.receive(packet({ sequence: 1, payloadBytes: 81 }), '127.0.0.1:9', epochMs(2))
    t.match(heard, { malformed: 2, packets: 1 })
    heard.receive(packet({ sequence: 2, payloadBytes: 80 }), '127.0.0.1:9', epochMs(3))
    t.match(heard, { malformed: 2, packets: 2, packetMs: [10.125, 10] })
    t.equal(record([{ sequence: 0, fill: 0xff, at: 0 }]).voiceAt, null)
    t.equal(record([{ sequence: 0, fill: 0x80, at: 0 }]).voiceAt, 1e12)
  },
)
