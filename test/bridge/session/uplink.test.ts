// The caller's way to the agent as a whole: formats, keys, noise, early audio, and what is told of it.
import t from 'tap'
import { g711, translate } from '../../../bridge/audio/g711.ts'
import { decodeRtcp, MAX_RTCP_BYTES, writeRtcp } from '../../../bridge/rtp/rtcp-packet.ts'
import { UnclaimedDatagrams } from '../../../bridge/session/unclaimed-datagrams.ts'
import { toneUlaw } from '../../support/tone.ts'
import { CALLER, uplinkStage } from './uplink-stage.ts'

const PCMA_FIRST = {
  formats: [
    { codec: 'PCMA', payloadType: 8 },
    { codec: 'PCMU', payloadType: 0 },
  ],
} as const
const VOICE = Buffer.from(toneUlaw(200, 20))
const VOICE_A = Buffer.from(VOICE.map((code) => translate('PCMU', 'PCMA')?.[code] ?? 0))
const EVENTS = { telephoneEventType: 101 }
const key = (code: number, ms: number, end = false): Buffer =>
  Buffer.from([code, end ? 0x8a : 0x0a, (ms * 8) >> 8, (ms * 8) & 0xff])

t.test('PCMA passes untouched where it is what we send', async (t) => {
  const { put, pass, open, frames } = uplinkStage({ remote: PCMA_FIRST })
  open()
  put({ payloadType: 8, payload: VOICE_A })
  pass(20)
  t.same(frames, [{ frame: Uint8Array.from(VOICE_A), codec: 'PCMA' }])
})

t.test('the other agreed law is translated, packet by packet', async (t) => {
  const { put, pass, open, frames } = uplinkStage({ remote: PCMA_FIRST })
  open()
  for (const payloadType of [0, 8, 0]) {
    put({ payloadType, payload: payloadType === 8 ? VOICE_A : VOICE })
    pass(20)
  }
  t.equal(frames.length, 3)
  for (const { frame, codec } of frames) t.same([codec, Buffer.from(frame)], ['PCMA', VOICE_A])
})

t.test('a re-INVITE changes the line’s codec in mid-call, in mid-frame too', async (t) => {
  const { put, pass, open, frames, announce, audio } = uplinkStage({ frameMs: 40 })
  open()
  for (let packet = 0; packet < 3; packet += 1) {
    put({ payload: VOICE })
    pass(20)
  }
  announce(PCMA_FIRST)
  for (let packet = 0; packet < 5; packet += 1) {
    put({ payloadType: 8, payload: VOICE_A })
    pass(20)
  }
  t.same(
    frames.map(({ codec }) => codec),
    ['PCMU', 'PCMA', 'PCMA', 'PCMA'],
  )
  t.same(audio().subarray(320), Buffer.concat(Array.from({ length: 6 }, () => VOICE_A)))
  pass(400)
  t.equal(frames.at(-1)?.codec, 'PCMA')
  t.ok(
    frames.at(-1)?.frame.every((code) => code === g711('PCMA').silence),
    'its silence as well',
  )
})

t.test('a key press is told once, and heard as silence', async (t) => {
  const { put, pass, open, frames, digits, next, audio, tally } = uplinkStage({ remote: EVENTS })
  open()
  for (let packet = 0; packet < 5; packet += 1) {
    put({ payload: VOICE })
    pass(20)
  }
  const before = frames.length
  const { timestamp } = next
  for (const ms of [20, 40, 60, 80]) {
    put({ payloadType: 101, payload: key(5, ms), timestamp, marker: ms === 20 })
    pass(20)
  }
  for (let again = 0; again < 3; again += 1)
    put({ payloadType: 101, payload: key(5, 100, true), timestamp })
  pass(20)
  t.same(digits, [['5', 100]])
  put({ payload: VOICE, timestamp: timestamp + 100 * 8 })
  const during = Buffer.concat(frames.slice(before, -1).map(({ frame }) => frame))
  t.ok(
    during.every((code) => code === 0xff),
    'nothing is made up in between',
  )
  t.equal(audio().length, (100 + 100 + 20) * 8, 'and time goes on')
  t.equal(tally.rtp.rejected['payload-type'].value, 0)
})

t.test('a tone in the audio beside the event is not heard', async (t) => {
  const { put, pass, open, digits, next, audio } = uplinkStage({ remote: EVENTS })
  open()
  const start = next.timestamp
  for (let step = 0; step < 5; step += 1) {
    put({ payloadType: 101, payload: key(1, 20 * (step + 1), step === 4), timestamp: start })
    put({ payload: VOICE, timestamp: start + step * 160 })
    pass(20)
  }
  t.same(digits, [['1', 100]])
  put({ payload: VOICE, timestamp: start + 5 * 160 })
  const heard = audio()
  t.ok(heard.subarray(0, 4 * 160).every((code) => code === 0xff))
  t.ok(heard.length <= 7 * 160)
})

t.test('keys before the answer are nobody’s; keys after the agent left are told', async (t) => {
  const { put, open, digits, uplink } = uplinkStage({ remote: EVENTS })
  put({ payloadType: 101, payload: key(1, 100, true), timestamp: 0 })
  open()
  put({ payloadType: 101, payload: key(2, 100, true), timestamp: 8000 })
  uplink.shut()
  put({ payloadType: 101, payload: key(3, 100, true), timestamp: 16_000 })
  t.same(
    digits.map(([digit]) => digit),
    ['2', '3'],
  )
})

t.test('comfort noise fills a pause, in time', async (t) => {
  const { put, pass, open, frames, next, time, uplink } = uplinkStage()
  open()
  for (let packet = 0; packet < 5; packet += 1) {
    put({ payload: VOICE })
    pass(20)
  }
  const before = frames.length
  put({ payloadType: 13, payload: Buffer.from([55]) })
  const atMs = time.ms
  pass(1000)
  t.equal(uplink.heardAtMs, atMs, 'it is a sign of life')
  t.ok(Math.abs(frames.length - before - 50) <= 1)
  const codes = new Set(frames.at(-1)?.frame)
  t.ok(codes.size > 4, 'noise')
  put({ payload: VOICE, timestamp: next.timestamp - 1 + 1000 * 8 })
  t.same(frames.at(-1)?.frame, Uint8Array.from(VOICE))
  t.ok(Math.abs(frames.length - before - 51) <= 1)
})

t.test('when the caller last spoke, and when anything was heard of it', async (t) => {
  const { put, pass, open, uplink, time, first } = uplinkStage()
  t.equal(uplink.heardAtMs, -Infinity)
  t.equal(uplink.spokeAtMs, -Infinity)
  open()
  put({ payload: VOICE })
  t.equal(uplink.spokeAtMs, time.ms)
  const spokeAt = time.ms
  pass(20)
  put({ payload: Buffer.alloc(160, 0xff) })
  t.equal(uplink.spokeAtMs, spokeAt)
  t.equal(uplink.heardAtMs, time.ms)
  t.equal(first.count, 1)
})

t.test('the line can be tapped from the answer on, also when the agent is gone', async (t) => {
  const { put, pass, open, uplink, frames } = uplinkStage({ frameMs: 60 })
  let tapped = 0
  uplink.tap = (line, codec) => {
    t.equal(codec, 'PCMU')
    tapped += line.length
  }
  put()
  t.equal(tapped, 0, 'not before')
  pass(600)
  open()
  put({ payload: VOICE })
  pass(20)
  t.equal(tapped, 160)
  t.equal(frames.length, 0, 'a frame of 60 ms is not full yet')
  uplink.shut()
  put({ payload: VOICE })
  pass(20)
  put({ payload: VOICE })
  t.equal(tapped, 480)
  pass(1000)
  t.ok(tapped >= 480 + 900 * 8, 'silence too')
  t.equal(frames.length, 0)
})

t.test('audio that overtook the answer is heard, what came before it is not', async (t) => {
  const { put, pass, uplink, frames, time } = uplinkStage()
  for (let packet = 0; packet < 10; packet += 1) {
    put({ payload: Buffer.alloc(160, packet) })
    pass(20)
  }
  const answeredAtMs = time.ms - 60
  uplink.open(
    { sendCallerAudio: (frame, codec) => frames.push({ frame: Uint8Array.from(frame), codec }) },
    answeredAtMs,
  )
  t.same(
    frames.map(({ frame }) => frame[0]),
    [7, 8, 9],
  )
})

t.test('half a second of early media is kept, and its buffers are used again', async (t) => {
  const { put, pass, uplink, frames } = uplinkStage()
  for (let packet = 0; packet < 500; packet += 1) {
    put({ payload: Buffer.alloc(80, packet & 0xff) })
    if (packet % 2 === 1) pass(20)
  }
  uplink.open(
    { sendCallerAudio: (frame, codec) => frames.push({ frame: Uint8Array.from(frame), codec }) },
    0,
  )
  t.equal(frames.length, 25)
  t.same([frames[0]?.frame[0], frames[24]?.frame[159]], [450 & 0xff, 499 & 0xff])
})

t.test('reports: theirs on either port, ours from the answer on', async (t) => {
  const { put, pass, open, uplink, tally, announce, time } = uplinkStage()
  open()
  const sent: Uint8Array[] = []
  const leave = (packet: Uint8Array) => void sent.push(packet)
  const counters = { ssrc: 1, packets: 9, octets: 9, lastRtpTimestamp: 9, lastSentAtMs: time.ms }
  uplink.startReports({ socket: { send: leave, sendRtcp: leave }, sent: () => counters })
  for (let packet = 0; packet < 500; packet += 1) {
    put()
    pass(20)
  }
  t.ok(sent.length >= 1)
  t.match(decodeRtcp(sent[0] ?? new Uint8Array(0)), [
    { kind: 'sender-report', blocks: [{ ssrc: 5 }] },
    {},
  ])
  const report = Buffer.from(sent[0] ?? [])
  uplink.receiveRtcp(report, CALLER.address, CALLER.port + 1)
  t.equal(tally.rtp.rejected.rtcp.value, 0)
  uplink.receive(report, CALLER.address, CALLER.port)
  t.equal(tally.rtp.rejected.rtcp.value, 1, 'not on the RTP port, when they have two')
  announce({ rtcpPort: CALLER.port })
  uplink.receive(report, CALLER.address, CALLER.port)
  t.equal(tally.rtp.rejected.rtcp.value, 1)
  uplink.receiveRtcp(report, '198.51.100.1', 9)
  uplink.receiveRtcp(report.subarray(0, 9), CALLER.address, 9)
  t.equal(tally.rtp.rejected.rtcp.value, 3)
  const count = sent.length
  uplink.endReports('bye')
  uplink.endReports('bye')
  t.match(decodeRtcp(sent.at(-1) ?? new Uint8Array(0))?.at(-1), { kind: 'bye' })
  t.equal(sent.length, count + 1)
})

t.test('how the caller’s audio arrived', async (t) => {
  const { put, pass, open, uplink, next } = uplinkStage()
  t.same(uplink.quality(), { packets: 0, lost: 0, jitterMs: null, mos: null })
  t.same(uplink.sentQuality(0), { packets: 0, lost: null, jitterMs: null, mos: null })
  open()
  for (let packet = 0; packet < 100; packet += 1) {
    put()
    pass(20)
  }
  t.match(uplink.quality(), { packets: 100, lost: 0, jitterMs: 0 })
  const best = uplink.quality().mos ?? 0
  t.ok(best > 4.35 && best < 4.41)
  for (let packet = 0; packet < 100; packet += 1) {
    if (packet % 10 === 5) {
      next.sequence += 1
      next.timestamp += 160
      pass(20)
    }
    put()
    pass(20)
  }
  t.match(uplink.quality(), { packets: 200, lost: 10 })
  const worse = uplink.quality().mos ?? 0
  t.ok(worse < best - 0.3 && worse > 3.5, 'with 5 % lost', { best, worse })
  t.equal(uplink.concealedMs, 200)
  t.match(uplink.sentQuality(100), { packets: 100, lost: null, mos: null }, 'nobody told')
})

t.test('audio that overtook the description by minutes: its last second is kept', async (t) => {
  const unclaimed = new UnclaimedDatagrams()
  for (let packet = 0; packet < 600; packet += 1)
    unclaimed.keep(Uint8Array.of(packet & 0xff), {
      address: CALLER.address,
      port: CALLER.port,
      arrivedAtMs: packet * 20,
    })
  const kept: number[] = []
  unclaimed.take((_, { arrivedAtMs }) => kept.push(arrivedAtMs))
  t.same([kept.length, kept[0], kept.at(-1)], [50, 11_000, 11_980])
})

t.test(
  'silence suppression without comfort noise: reports say that the caller is there',
  async (t) => {
    const { uplink, open, put, pass, time } = uplinkStage()
    open()
    put()
    const report = new Uint8Array(MAX_RTCP_BYTES)
    const length = writeRtcp(report, {
      ssrc: 5,
      cname: 'x',
      sender: null,
      block: null,
      isBye: false,
    })
    pass(10_000)
    t.equal(time.ms - uplink.presentAtMs, 10_000)
    uplink.receiveRtcp(report.subarray(0, length), CALLER.address, CALLER.port + 1)
    t.equal(uplink.presentAtMs, time.ms)
    t.equal(time.ms - uplink.heardAtMs, 10_000)
  },
)

t.test('keys in a stream of their own, beside audio that goes on', async (t) => {
  const { put, pass, open, frames, digits } = uplinkStage({ remote: EVENTS })
  open()
  let packet = 0
  let told = 0
  const speak = (): void => {
    put({ payload: VOICE, sequence: packet, timestamp: packet * 160 })
    packet += 1
    pass(20)
  }
  for (const code of [1, 2]) {
    for (let before = 0; before < 10; before += 1) speak()
    const timestamp = 5_000_000 + packet * 160
    for (const ms of [20, 40, 60, 80, 100]) {
      const payload = key(code, ms, ms === 100)
      put({ payloadType: 101, payload, ssrc: 6, sequence: 900 + told++, timestamp })
      speak()
    }
  }
  speak()
  t.same(digits, [
    ['1', 100],
    ['2', 100],
  ])
  t.ok(frames.length >= packet - 1, 'and the agent’s time goes on')
})

t.test('the music of a far end that holds the call is not for the agent', async (t) => {
  const { put, pass, open, frames, announce } = uplinkStage()
  open()
  const speak = (count: number): void => {
    for (let packet = 0; packet < count; packet += 1) {
      put({ payload: VOICE })
      pass(20)
    }
  }
  speak(20)
  announce({ receives: false })
  speak(10)
  const held = frames.length
  speak(40)
  const music = frames.slice(held)
  t.ok(music.length >= 39, 'its time goes on')
  t.ok(
    music.every(({ frame }) => frame.every((byte) => byte === 0xff)),
    'in silence',
  )
  announce()
  speak(20)
  t.ok(frames.slice(-10).every(({ frame }) => frame.some((byte) => byte !== 0xff)))
})

t.test('keys in RTP are known from their first packet', async (t) => {
  const { put, open, uplink } = uplinkStage({ remote: EVENTS })
  open()
  t.notOk(uplink.hearsKeys)
  put({ payloadType: 101, payload: key(5, 20, false) })
  t.ok(uplink.hearsKeys)
})
