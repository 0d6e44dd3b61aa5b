// The caller's audio on its way to the agent: 20 ms frames on a continuous timeline.
import t from 'tap'
import { CallerTimeline } from '../../../bridge/audio/caller-timeline.ts'
import type { TelephoneCodec } from '../../../core/contracts/index.ts'
import { Framer } from '../../../bridge/audio/framer.ts'
import { decodeUlaw, encodeUlaw } from '../../../bridge/audio/g711.ts'
import { findTone, toneUlaw } from '../../support/tone.ts'

for (const frameMs of [20, 40, 60] as const) {
  t.test(`pieces of any size become frames of ${frameMs} ms`, async (t) => {
    for (const size of [1, 80, 159, 160, 161, 240, 320, 480, 481, 1000]) {
      const frames: Buffer[] = []
      const framer = new Framer(frameMs, (frame, codec) => {
        t.equal(codec, 'PCMU')
        frames.push(Buffer.from(frame))
      })
      const audio = Uint8Array.from({ length: 48_000 }, (_, index) => index % 251)
      for (let at = 0; at < audio.length; at += size)
        framer.write(audio.subarray(at, at + size), 'PCMU')
      t.ok(frames.every((frame) => frame.length === frameMs * 8))
      t.same(Buffer.concat(frames), Buffer.from(audio), `pieces of ${size}`)
    }
  })
}

t.test('a packet that is a frame goes through as it is', async (t) => {
  const frames: Uint8Array[] = []
  const framer = new Framer(20, (frame) => frames.push(frame))
  framer.write(FRAME, 'PCMU')
  t.equal(frames[0], FRAME, 'the same object')
})

t.test('a frame is of one codec', async (t) => {
  const frames: [Buffer, string][] = []
  const framer = new Framer(40, (frame, codec) => frames.push([Buffer.from(frame), codec]))
  framer.write(new Uint8Array(160).fill(0xff), 'PCMU')
  framer.write(new Uint8Array(160).fill(0xd5), 'PCMA')
  t.same(frames, [[Buffer.alloc(320, 0xd5), 'PCMA']], 'silence stays silence')
  framer.write(new Uint8Array(160), 'PCMA')
  framer.clear()
  framer.write(new Uint8Array(320).fill(1), 'PCMA')
  t.same(frames[1]?.[0], Buffer.alloc(320, 1), 'a partial frame was forgotten')
})

const FRAME = new Uint8Array(160)
const VOICE = toneUlaw(200, 20)

function stage(codec: TelephoneCodec = 'PCMU') {
  let delivered = 0
  const pieces: Buffer[] = []
  const codecs = new Set<TelephoneCodec>()
  const timeline = new CallerTimeline(0, codec, (line, spoken) => {
    delivered += line.length
    if (pieces.length < 20_000) pieces.push(Buffer.from(line))
    codecs.add(spoken)
  })
  /** `missing` is all lost unless some of it was never sent. */
  const write = (line: Uint8Array, at: number, missing = 0, lost = missing) =>
    timeline.write({ line, missingSamples: missing, lostSamples: lost }, at)
  return {
    timeline,
    write,
    codecs,
    deliveredMs: () => delivered / 8,
    /** Everything since the last time. */
    heard: () => Buffer.concat(pieces.splice(0)),
  }
}
const isSilent = (line: Uint8Array): boolean => line.every((byte) => byte === 0xff)

t.test('holes are filled, what was made already is not filled again', async (t) => {
  const { timeline, write, deliveredMs } = stage()
  for (let at = 20; at <= 100; at += 20) write(FRAME, at)
  t.equal(deliveredMs(), 100)
  write(FRAME, 140, 160)
  t.equal(deliveredMs(), 140, 'one lost packet')
  for (let at = 150; at <= 1000; at += 10) timeline.tick(at)
  t.ok(deliveredMs() >= 980 && deliveredMs() <= 1000, 'made in real time', { ms: deliveredMs() })
  write(FRAME, 1020, (1020 - 160) * 8)
  t.ok(Math.abs(deliveredMs() - 1040) <= 20, 'and the timeline has its length', {
    ms: deliveredMs(),
  })
})

t.test('what got lost is made up, what was never sent is silence', async (t) => {
  const { timeline, write, heard } = stage()
  for (let at = 20; at <= 100; at += 20) write(VOICE, at)
  heard()
  write(VOICE, 140, 160)
  const lost = heard()
  t.equal(lost.length, 320)
  t.notOk(isSilent(lost.subarray(0, 160)), 'a loss')
  t.equal(timeline.concealedMs, 20)
  for (let at = 160; at <= 240; at += 20) write(VOICE, at)
  heard()
  write(VOICE, 280, 160, 0)
  const pause = heard()
  t.ok(isSilent(pause.subarray(0, 160)), 'a pause')
  t.same(pause.subarray(160), Buffer.from(VOICE), 'behind which the voice is as it came')
  t.equal(timeline.concealedMs, 20)
})

t.test('a long loss fades out within 60 ms', async (t) => {
  const { timeline, write, heard } = stage()
  for (let at = 20; at <= 100; at += 20) write(VOICE, at)
  heard()
  write(VOICE, 320, 200 * 8)
  const made = heard().subarray(0, 1600)
  t.equal(timeline.concealedMs, 60)
  t.notOk(isSilent(made.subarray(0, 400)))
  t.ok(isSilent(made.subarray(480)), 'silence after it')
})

t.test('when nothing comes, 60 ms are made up, then silence', async (t) => {
  const { timeline, write, heard } = stage()
  for (let at = 20; at <= 100; at += 20) write(VOICE, at)
  heard()
  for (let at = 120; at <= 400; at += 20) timeline.tick(at)
  const made = heard()
  t.ok(made.length >= 280 * 8 && made.length <= 300 * 8, 'in real time', { bytes: made.length })
  t.notOk(isSilent(made.subarray(0, 400)))
  t.ok(isSilent(made.subarray(480)))
  t.equal(timeline.concealedMs, 60)
  write(VOICE, 420, 300 * 8)
  t.same(heard().subarray(-160), Buffer.from(VOICE), 'what comes then is not blended')
})

t.test('before anything was heard there is nothing to make up', async (t) => {
  const { timeline, heard } = stage()
  for (let at = 20; at <= 400; at += 20) timeline.tick(at)
  t.ok(isSilent(heard()))
  t.equal(timeline.concealedMs, 0)
})

t.test('comfort noise, until the voice is back', async (t) => {
  const { timeline, write, heard } = stage()
  for (let at = 20; at <= 100; at += 20) write(VOICE, at)
  heard()
  timeline.comfort(50, 120)
  for (let at = 120; at <= 1000; at += 20) timeline.tick(at)
  const noise = heard()
  t.ok(Math.abs(noise.length / 8 - 900) <= 20, 'at once and in real time', { ms: noise.length / 8 })
  const level = levelDbov(noise)
  t.ok(Math.abs(level + 50) < 2, 'as loud as asked for', { level })
  t.equal(timeline.concealedMs, 0)
  timeline.comfort(70, 1000)
  for (let at = 1020; at <= 2000; at += 20) timeline.tick(at)
  t.ok(Math.abs(levelDbov(heard()) + 70) < 4, 'and softer')
  write(VOICE, 2060, 1960 * 8, 0)
  const back = heard()
  t.ok(back.length <= 80 * 8, 'the rest of the pause')
  t.same(back.subarray(-160), Buffer.from(VOICE))
  for (let at = 2080; at <= 2400; at += 20) timeline.tick(at)
  t.ok(isSilent(heard().subarray(-800)), 'the next pause is silent, as nobody asked')
})

t.test('a pause the sender tells of is silent from its first frame', async (t) => {
  const { timeline, write, heard } = stage()
  for (let at = 20; at <= 100; at += 20) write(VOICE, at)
  heard()
  timeline.pause(100)
  for (let at = 120; at <= 300; at += 20) timeline.tick(at)
  const made = heard()
  t.ok(isSilent(made))
  t.equal(made.length, 200 * 8)
})

t.test('another codec: silence and noise are of it', async (t) => {
  const { timeline, write, heard, codecs } = stage('PCMA')
  write(new Uint8Array(160).fill(0x55), 20)
  for (let at = 40; at <= 400; at += 20) timeline.tick(at)
  t.ok(
    heard()
      .subarray(-160)
      .every((byte) => byte === 0xd5),
  )
  t.same([...codecs], ['PCMA'])
  timeline.comfort(50, 400)
  timeline.changeCodec('PCMU')
  for (let at = 420; at <= 1400; at += 20) timeline.tick(at)
  const noise = heard()
  t.ok(Math.abs(levelDbov(noise) + 50) < 2, 'as loud as before', { level: levelDbov(noise) })
  t.same([...codecs], ['PCMA', 'PCMU'])
})

t.test('jitter of 40 ms makes no silence', async (t) => {
  const { timeline, write } = stage()
  for (let index = 0; index < 500; index += 1) {
    const at = 20 + index * 20
    timeline.tick(at)
    if (index % 3 === 2) for (let late = 0; late < 3; late += 1) write(FRAME, at)
  }
  t.equal(timeline.filledSamples, 0)
})

t.test('clocks 0.1 % off add nothing in an hour, either way', async (t) => {
  for (const interval of [19.98, 20.02]) {
    const { timeline, write } = stage()
    let dropped = 0
    for (let index = 0; index < 180_000; index += 1) {
      timeline.tick(index * interval)
      if (!write(FRAME, index * interval + 1)) dropped += 1
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
  const { timeline, write, deliveredMs } = stage()
  let at = 0
  let written = 0
  const speak = () => {
    t.ok(write(FRAME, at), `at ${at}`)
    written += 20
  }
  for (let stall = 0; stall < 5; stall += 1) {
    for (let packet = 0; packet < 100; packet += 1) {
      at += 20
      timeline.tick(at)
      speak()
    }
    for (let frame = 0; frame < 50; frame += 1) timeline.tick((at += 20))
    for (let packet = 0; packet < 50; packet += 1) speak()
  }
  t.equal(timeline.droppedMs, 0)
  t.equal(deliveredMs() - timeline.filledSamples / 8, written)
})

t.test('audio faster than real time is dropped beyond a second', async (t) => {
  for (const pauseMs of [0, 600_000]) {
    const { timeline, write, deliveredMs } = stage()
    for (let at = 20; at <= pauseMs; at += 20) timeline.tick(at)
    const before = deliveredMs()
    for (let packet = 0; packet < 6000; packet += 1)
      write(new Uint8Array(800), pauseMs + packet / 20)
    // 600 s of audio in 0.3 s.
    const heardMs = deliveredMs() - before
    t.ok(heardMs >= 1000 && heardMs <= 1600, 'a second, and the time it took', { heardMs })
    t.ok(timeline.droppedMs >= 598_000)
  }
})

t.test('timestamps make no audio faster than real time', async (t) => {
  for (const lost of [0, 8000]) {
    const { write, deliveredMs } = stage()
    for (let at = 20; at <= 4000; at += 20) write(FRAME, at, 8000, lost)
    t.ok(deliveredMs() <= 4000 * 1.01 + 1200, 'a hole of a second in each packet', {
      ms: deliveredMs(),
    })
  }
})

t.test('a timestamp that leaps is not taken for time', async (t) => {
  const { write, deliveredMs } = stage()
  for (let at = 20; at <= 1000; at += 20) write(FRAME, at)
  write(FRAME, 1020, 79_000, 0)
  t.ok(deliveredMs() <= 1020 + 80, 'a little more than jitter', { ms: deliveredMs() })
})

t.test(
  'what was made for packets that came late after all is given back in the next pause',
  async (t) => {
    const { timeline, write, deliveredMs } = stage()
    let at = 0
    while (at < 1000) write(FRAME, (at += 20))
    // The network stands still for 300 ms, and lets all go at once.
    for (let frame = 0; frame < 15; frame += 1) timeline.tick((at += 20))
    for (let packet = 0; packet < 15; packet += 1) write(FRAME, at)
    const surplus = deliveredMs() - at
    t.ok(surplus > 200)
    for (let packet = 0; packet < 50; packet += 1) write(FRAME, (at += 20))
    for (let frame = 0; frame < 50; frame += 1) timeline.tick((at += 20))
    write(FRAME, (at += 20), 1000 * 8, 0)
    t.ok(deliveredMs() - at < surplus - 100, 'so the agent is in time again', {
      surplus,
      now: deliveredMs() - at,
    })
  },
)

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

/** Of µ-law noise; 0 dBov is a square wave of the largest value (RFC 3389 §3). */
function levelDbov(line: Uint8Array): number {
  const samples = decodeUlaw(line)
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  return 10 * Math.log10(power / 32_124 ** 2)
}
