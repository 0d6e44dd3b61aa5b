// Frames of any size become packets whose timestamps run on; only what is missing for long is a hole.
import t from 'tap'
import { decodeRtp } from '../../support/decode-rtp.ts'
import { FramePackets } from '../../../bridge/twilio/frame-packets.ts'

function stage() {
  const packets: { sequence: number; timestamp: number; payload: Buffer }[] = []
  const frames = new FramePackets(0, (packet) => {
    const decoded = decodeRtp(Buffer.from(packet))
    if (decoded.kind === 'invalid') throw new Error(decoded.fault)
    const { sequence, timestamp, payload } = decoded
    packets.push({ sequence, timestamp, payload: Buffer.from(payload) })
  })
  return { frames, packets, timestamps: () => packets.map(({ timestamp }) => timestamp) }
}

t.test('rounded milliseconds make no hole, a pause does', async (t) => {
  const { frames, packets, timestamps } = stage()
  for (const atMs of [5, 24, 46, 64, 85, 500, 520]) frames.take(new Uint8Array(160), atMs)
  t.same(timestamps(), [0, 160, 320, 480, 640, 4000, 4160])
  t.same(
    packets.map(({ sequence }) => sequence),
    [0, 1, 2, 3, 4, 5, 6],
  )
})

t.test('a clock that says nothing is not believed', async (t) => {
  const { frames, timestamps } = stage()
  for (const atMs of [Number.NaN, Number.POSITIVE_INFINITY, -7, 1e300, 80])
    frames.take(new Uint8Array(160), atMs)
  t.same(timestamps(), [0, 160, 320, 480, 640])
})

t.test('a frame may be of any size', async (t) => {
  const { frames, packets } = stage()
  const long = Uint8Array.from({ length: 4000 }, (_, at) => at % 251)
  frames.take(long.subarray(0, 3), 0)
  frames.take(long.subarray(3), 0)
  t.same(
    packets.map(({ payload }) => payload.length),
    [3, 1600, 1600, 797],
  )
  t.ok(Buffer.concat(packets.map(({ payload }) => payload)).equals(long))
})
