// The caller's audio on its way to the agent: 20 ms frames on a continuous timeline.
import t from 'tap'
import { CallerTimeline } from '../../../bridge/audio/caller-timeline.ts'
import { Framer } from '../../../bridge/audio/framer.ts'
import { decodeUlaw, encodeUlaw } from '../../../bridge/audio/g711.ts'
import { findTone, toneUlaw } from '../../support/tone.ts'

t.test('pieces of any size become frames of 20 ms', async (t) => {
  for (const size of [1, 80, 159, 160, 161, 240, 320, 480, 1000]) {
    const frames: Uint8Array[] = []
    const framer = new Framer((frame) => frames.push(frame))
    const audio = Uint8Array.from({ length: 16_000 }, (_, index) => index % 251)
    for (let at = 0; at < audio.length; at += size) framer.write(audio.subarray(at, at + size))
    t.ok(frames.every((frame) => frame.length === 160))
    t.same(Buffer.concat(frames), Buffer.from(audio), `pieces of ${size}`)
  }
})

function stage() {
  let delivered = 0
  const timeline = new CallerTimeline(0, (audio) => (delivered += audio.length))
  return { timeline, deliveredMs: () => delivered / 8 }
}
const FRAME = new Uint8Array(160)

t.test('holes are filled, what was made already is not filled again', async (t) => {
  const { timeline, deliveredMs } = stage()
  for (let at = 20; at <= 100; at += 20) timeline.write(FRAME, 0, at)
  t.equal(deliveredMs(), 100)
  timeline.write(FRAME, 160, 140)
  t.equal(deliveredMs(), 140, 'one lost packet')
  for (let at = 150; at <= 1000; at += 10) timeline.tick(at)
  t.ok(deliveredMs() >= 980 && deliveredMs() <= 1000, 'silence in real time', { ms: deliveredMs() })
  timeline.write(FRAME, (1020 - 160) * 8, 1020)
  t.ok(Math.abs(deliveredMs() - 1040) <= 20, 'and the timeline has its length', {
    ms: deliveredMs(),
  })
})

t.test('jitter of 40 ms makes no silence', async (t) => {
  const { timeline } = stage()
  for (let index = 0; index < 500; index += 1) {
    const at = 20 + index * 20
    timeline.tick(at)
    if (index % 3 === 2) for (let late = 0; late < 3; late += 1) timeline.write(FRAME, 0, at)
  }
  t.equal(timeline.filledSamples, 0)
})

t.test('clocks 0.1 % off add nothing in an hour, either way', async (t) => {
  for (const interval of [19.98, 20.02]) {
    const { timeline } = stage()
    let dropped = 0
    for (let index = 0; index < 180_000; index += 1) {
      timeline.tick(index * interval)
      if (!timeline.write(FRAME, 0, index * interval + 1)) dropped += 1
    }
    t.equal(dropped, 0)
    t.equal(timeline.filledSamples, 0, `a packet each ${interval} ms`)
    const end = 180_000 * interval
    for (let at = end; at < end + 500; at += 20) timeline.tick(at)
    t.ok(timeline.filledSamples / 8 >= 260, 'and a pause is noticed', {
      ms: timeline.filledSamples / 8,
    })
  }
})

t.test('a second that a network held back is heard whole, again and again', async (t) => {
  const { timeline, deliveredMs } = stage()
  let at = 0
  let written = 0
  const write = () => {
    t.ok(timeline.write(FRAME, 0, at), `at ${at}`)
    written += 20
  }
  for (let stall = 0; stall < 5; stall += 1) {
    for (let packet = 0; packet < 100; packet += 1) {
      at += 20
      timeline.tick(at)
      write()
    }
    for (let frame = 0; frame < 50; frame += 1) timeline.tick((at += 20))
    for (let packet = 0; packet < 50; packet += 1) write()
  }
  t.equal(timeline.droppedMs, 0)
  t.equal(deliveredMs() - timeline.filledSamples / 8, written)
})

t.test('audio faster than real time is dropped beyond a second', async (t) => {
  for (const pauseMs of [0, 600_000]) {
    const { timeline, deliveredMs } = stage()
    for (let at = 20; at <= pauseMs; at += 20) timeline.tick(at)
    const before = deliveredMs()
    for (let packet = 0; packet < 6000; packet += 1)
      timeline.write(new Uint8Array(800), 0, pauseMs + packet / 20)
    // 600 s of audio in 0.3 s.
    const heardMs = deliveredMs() - before
    t.ok(heardMs >= 1000 && heardMs <= 1600, 'a second, and the time it took', { heardMs })
    t.ok(timeline.droppedMs >= 598_000)
  }
})

t.test('timestamps make no silence faster than real time', async (t) => {
  const { timeline, deliveredMs } = stage()
  for (let at = 20; at <= 2000; at += 20) timeline.write(FRAME, 8000, at)
  t.ok(deliveredMs() <= 2000 * 1.01 + 1200, 'a hole of a second in each packet', {
    ms: deliveredMs(),
  })
})

t.test('a timestamp out of reason fills a second at most', async (t) => {
  const { timeline, deliveredMs } = stage()
  timeline.write(FRAME, 79_000, 20)
  t.equal(deliveredMs(), 1020)
})

t.test('µ-law tables are G.711: every code returns, and a tone survives', async (t) => {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
  const again = encodeUlaw(decodeUlaw(codes))
  // 0x7f is minus zero, which G.711 encoders write as 0xff.
  t.same(
    [...again].filter((code, index) => code !== index),
    [0xff],
  )
  const found = findTone(toneUlaw(1000, 400))
  t.equal(found.hz, 1000)
  t.ok(Math.abs(found.levelDb) < 0.2, 'level', found)
})
