// Agent → caller: what leaves, when, under which headers, and what is told about it.
import t from 'tap'
import { g711 } from '../../../bridge/audio/g711.ts'
import type { PromptTold } from '../../../bridge/audio/queued-prompt.ts'
import type { SentPacket } from './downlink-stage.ts'
import { stage } from './downlink-stage.ts'

const bytes = (ms: number, value: number): Uint8Array => new Uint8Array(ms * 8).fill(value)
const isSilent = ({ payload }: SentPacket): boolean => payload.every((byte) => byte === 0xff)
const steps = (packets: readonly SentPacket[]): number[] =>
  packets.slice(1).map((packet, index) => (packet.timestamp - packets[index]!.timestamp) >>> 0)

t.test('nothing leaves before the start and after the stop', async (t) => {
  const { downlink, pass, sent, utterances } = stage()
  downlink.play(bytes(100, 1), 1)
  pass(100)
  t.equal(sent.length, 0)
  downlink.start()
  downlink.start()
  t.equal(pass(100).length, 5)
  downlink.stop()
  downlink.start()
  downlink.play(bytes(100, 1), 2)
  t.equal(pass(100).length, 0)
  t.same(utterances, [])
})

t.test('a spurt is marked, plays whole, and silence goes on in its rhythm', async (t) => {
  const { downlink, pass, firsts, utterances, time } = stage()
  downlink.start()
  const before = pass(200)
  t.ok(before.every(isSilent))
  time.ms += 7
  downlink.play(bytes(200, 0x21), 1)
  t.equal(downlink.isSpeaking, true)
  t.equal(downlink.spokeAtMs, time.ms, 'at once, off the tick')
  const after = pass(400)
  t.equal(firsts.length, 1)
  const all = [...before, ...after]
  t.ok(
    steps(all).every((step) => step >= 160),
    'no two packets overlap',
  )
  t.same(new Set(all.map(({ payloadType }) => payloadType)), new Set([0]))
  t.notOk(downlink.isSpeaking)
  pass(1000)
  t.same(utterances, [{ eventId: 1, heardMs: 200, spokenMs: 200, interrupted: false }])
})

t.test('the line follows the far end: codec, payload type and silence', async (t) => {
  const { downlink, pass, announce } = stage({ formats: [{ codec: 'PCMA', payloadType: 8 }] })
  downlink.start()
  const [first] = pass(20)
  t.equal(first?.payloadType, 8)
  t.ok(first?.payload.every((byte) => byte === 0xd5))
  downlink.play(bytes(200, 0x21), 1)
  pass(60)
  announce({ formats: [{ codec: 'PCMU', payloadType: 0 }] })
  const [changed] = pass(20)
  t.equal(changed?.payloadType, 0)
  const said = g711('PCMA').decode[0x21]!
  const heard = g711('PCMU').decode[changed!.payload[0]!]!
  t.ok(Math.abs(said - heard) <= Math.abs(said) / 16, 'what was held is translated', {
    said,
    heard,
  })
})

t.test('a held call gets nothing; what follows is marked', async (t) => {
  const { downlink, pass, announce, utterances, frames } = stage()
  downlink.start()
  downlink.play(bytes(300, 0x21), 1)
  pass(80)
  announce({ receives: false })
  t.equal(pass(100).length, 0)
  announce({ receives: true })
  const after = pass(1400)
  t.ok(after[0]?.marker)
  t.equal(frames(), 79)
  t.match(utterances, [{ eventId: 1, spokenMs: 300, interrupted: false }])
  t.equal(utterances[0]!.heardMs, 200, 'the rest was said to nobody')
})

t.test('a stall is skipped, and shows in the timestamp', async (t) => {
  const { downlink, pass, frame, sent } = stage()
  downlink.start()
  downlink.play(bytes(400, 0x21), 1)
  pass(100)
  const [before] = sent.slice(-1)
  const count = sent.length
  frame(10)
  t.equal(sent.length - count, 1, 'one packet, not eleven')
  const [after] = sent.slice(-1)
  t.equal(after!.timestamp - before!.timestamp, 11 * 160)
  t.ok(after!.marker)
})

t.test('a stall uses up what was sent ahead; after it as much is ahead as before', async (t) => {
  const { downlink, pass, frame, sent, time } = stage({}, 80)
  downlink.start()
  downlink.play(bytes(2000, 0x21), 1)
  const aheadMs = (): number => {
    const [first, last] = [sent[0]!, sent.at(-1)!]
    return (last.timestamp - first.timestamp) / 8 + 20 - (time.ms - first.atMs)
  }
  pass(200)
  t.equal(aheadMs(), 80)
  frame(3)
  t.equal(aheadMs(), 80)
  const steps = sent.slice(1).map((packet, at) => packet.timestamp - sent[at]!.timestamp)
  t.ok(
    steps.every((step) => step === 160),
    'the far end had enough in hand: nothing is missing',
  )
  const count = sent.length
  frame(10)
  t.equal(aheadMs(), 80, 'and no more, however long it was')
  t.equal(sent[count]!.timestamp - sent[count - 1]!.timestamp, 160 * 8)
  t.equal(sent.length - count, 4, 'what was due meanwhile is not made up for in a burst')
})

t.test('prompts are told as they are played, and play without an agent', async (t) => {
  const { downlink, pass, prompts, firsts, time } = stage()
  downlink.playPrompt('early', bytes(60, 0x22), false)
  downlink.start()
  const sent = pass(100)
  t.equal(sent.filter((packet) => !isSilent(packet)).length, 3)
  t.ok(sent[0]?.marker)
  t.same(prompts, [
    { promptId: 'early', kind: 'started' },
    { promptId: 'early', kind: 'finished', how: 'played', playedMs: 60 },
  ])
  t.equal(firsts.length, 0, 'the agent has not spoken')
  t.equal(downlink.spokeAtMs, time.ms - 40)
})

t.test('each prompt ends exactly once, whatever happens', async (t) => {
  const { downlink, pass, prompts } = stage()
  const ends = (): string[] =>
    prompts.flatMap((told: PromptTold) =>
      told.kind === 'finished' ? [`${told.promptId} ${told.how}`] : [],
    )
  downlink.start()
  downlink.playPrompt('a', bytes(200, 1), true)
  downlink.playPrompt('b', bytes(200, 1), false)
  pass(100)
  downlink.pressed()
  t.same(ends(), ['a digit', 'b digit'])
  downlink.pressed()
  downlink.playPrompt('c', bytes(200, 1), false)
  pass(100)
  downlink.pressed()
  downlink.stopPrompts('stopped')
  downlink.playPrompt('d', bytes(200, 1), false)
  downlink.playPrompt('e', bytes(200, 1), false)
  pass(100)
  downlink.stop()
  downlink.stop()
  downlink.playPrompt('f', bytes(200, 1), false)
  t.same(ends().slice(2), ['c stopped', 'd stopped', 'e stopped', 'f stopped'])
  t.same(
    prompts.filter(({ kind }) => kind === 'started').map(({ promptId }) => promptId),
    ['a', 'c', 'd'],
  )
})

t.test('an interruption fades out in the next packet and is told at once', async (t) => {
  const { downlink, pass, utterances } = stage()
  downlink.start()
  downlink.play(bytes(1000, 0x21), 4, { chars: ['a', 'b'], startMs: [0, 500] })
  pass(100)
  const discarded = downlink.interrupt()
  t.match(utterances, [{ eventId: 4, interrupted: true, text: 'a' }])
  t.equal(utterances[0]!.heardMs + discarded, 1000)
  const [fading, silent] = pass(40)
  t.notOk(isSilent(fading!))
  t.same(new Set(fading!.payload.subarray(64)), new Set([0xff]))
  t.ok(isSilent(silent!))
  downlink.stop()
  t.equal(utterances.length, 1)
})

t.test(
  'what the agent says right after an interruption begins behind the fade, marked',
  async (t) => {
    const { downlink, pass } = stage()
    downlink.start()
    downlink.play(bytes(1000, 0x21), 4)
    pass(100)
    downlink.interrupt()
    downlink.play(bytes(100, 0x22), 5)
    const [fading, next, ...more] = pass(120)
    t.notOk(fading!.marker)
    t.same(new Set(fading!.payload.subarray(64)), new Set([0xff]))
    t.ok(next!.marker)
    t.same(
      new Set([next, ...more.slice(0, 4)].flatMap((packet) => [...packet!.payload])),
      new Set([0x22]),
    )
  },
)

t.test('the tap gets exactly what left, on a timeline without overlap', async (t) => {
  const { downlink, pass, announce, sent, time } = stage()
  const tapped: { audio: Buffer | null; tickMs: number; skipped: number }[] = []
  downlink.tap = (packet, offset, codec, tickMs, skipped) => {
    t.equal(codec, 'PCMU')
    const audio = packet === null ? null : Buffer.from(packet.subarray(offset))
    tapped.push({ audio, tickMs, skipped })
  }
  downlink.start()
  pass(100)
  time.ms += 7
  downlink.play(bytes(200, 0x21), 1)
  pass(100)
  announce({ receives: false })
  pass(40)
  t.same(
    tapped.flatMap(({ audio }) => (audio === null ? [] : [audio])),
    sent.map(({ payload }) => Buffer.from(payload)),
  )
  t.same(
    tapped.slice(-2).map(({ audio }) => audio),
    [null, null],
  )
  const times = tapped.filter(({ audio }) => audio !== null).map(({ tickMs }) => tickMs)
  t.same(
    times.slice(1).map((at, index) => at - times[index]!),
    steps(sent).map((step) => step / 8),
    'as the timestamps say',
  )
})

t.test('the counters are those of a sender report', async (t) => {
  const { downlink, pass, sent, time } = stage()
  t.match(downlink.sentCounters(), { packets: 0, octets: 0, lastSentAtMs: -Infinity })
  downlink.start()
  pass(1000)
  t.same(downlink.sentCounters(), {
    ssrc: sent[0]!.ssrc,
    packets: 50,
    octets: 8000,
    lastRtpTimestamp: sent.at(-1)!.timestamp,
    lastSentAtMs: time.ms,
  })
  t.equal(downlink.sent, 50)
  t.equal(downlink.sentOctets, 8000)
})

t.test('keys are pressed as telephone events, while audio waits', async (t) => {
  const { downlink, pass, utterances, sent } = stage({ telephoneEventType: 101 })
  downlink.start()
  downlink.play(bytes(200, 0x21), 1)
  pass(60)
  t.ok(downlink.sendDigits('1 #'))
  const events = pass(380)
  t.ok(events.every(({ payloadType }) => payloadType === 101))
  const decoded = events.map(({ payload, marker, timestamp }) => ({
    marker,
    timestamp,
    event: payload[0],
    end: (payload[1]! & 0x80) !== 0,
    volume: payload[1]! & 0x3f,
    duration: Buffer.from(payload).readUInt16BE(2),
  }))
  for (const [event, key] of [
    [1, 0],
    [11, 1],
  ] as const) {
    const mine = decoded.filter((packet) => packet.event === event)
    t.same(
      mine.map(({ duration }) => duration),
      [160, 320, 480, 640, 800, 960, 960, 960],
      'growing each 20 ms to 120 ms, the end three times',
    )
    t.same(
      mine.map(({ end }) => end),
      [false, false, false, false, false, true, true, true],
    )
    t.same(
      mine.map(({ marker }) => marker),
      [true, false, false, false, false, false, false, false],
    )
    t.equal(new Set(mine.map(({ timestamp }) => timestamp)).size, 1, 'the time it began')
    t.equal((mine[0]!.timestamp - decoded[0]!.timestamp) >>> 0, key * 1600, '120 ms and 80 ms')
    t.ok(mine.every(({ volume }) => volume === 10))
  }
  const after = pass(1400)
  t.ok(after[0]?.marker, 'audio begins anew')
  t.notOk(isSilent(after[0]!))
  t.same(
    sent.slice(1).map(({ sequence }, index) => (sequence - sent[index]!.sequence) & 0xffff),
    new Array<number>(sent.length - 1).fill(1),
    'one sequence for both',
  )
  t.match(utterances, [{ heardMs: 200 }], 'nothing was lost')
})

t.test('audio that comes while keys are pressed waits for them', async (t) => {
  const { downlink, pass, sent } = stage({ telephoneEventType: 101 })
  downlink.start()
  pass(1000)
  downlink.sendDigits('7')
  pass(20)
  const count = sent.length
  downlink.play(bytes(60, 0x21), 1)
  t.equal(sent.length, count, 'not even off the tick')
  const after = pass(300).filter(({ payloadType }) => payloadType === 0)
  t.same(
    after.slice(0, 4).map((packet) => isSilent(packet)),
    [false, false, false, true],
  )
})

t.test('keys that nobody would understand are refused', async (t) => {
  const { downlink, pass, announce, sent } = stage({ telephoneEventType: 101 })
  t.notOk(downlink.sendDigits('1'), 'before the start')
  downlink.start()
  t.notOk(downlink.sendDigits('-'), 'no key')
  t.notOk(downlink.sendDigits('1'.repeat(65)), 'too many')
  announce({ telephoneEventType: null })
  t.notOk(downlink.sendDigits('1'), 'not agreed on')
  announce()
  t.ok(downlink.sendDigits('12'))
  pass(40)
  announce({ telephoneEventType: null })
  t.same(new Set(pass(600).map(({ payloadType }) => payloadType)), new Set([0]))
  announce()
  t.ok(downlink.sendDigits('1'))
  announce({ receives: false })
  pass(100)
  announce()
  const count = sent.length
  pass(400)
  t.same(new Set(sent.slice(count).map(({ payloadType }) => payloadType)), new Set([0]))
})

t.test('a tone that a stall runs over is no longer than it should be', async (t) => {
  const { downlink, pass, frame, sent } = stage({ telephoneEventType: 101 })
  downlink.start()
  pass(40)
  downlink.sendDigits('5')
  pass(40)
  frame(30)
  pass(400)
  const durations = sent
    .filter(({ payloadType }) => payloadType === 101)
    .map(({ payload }) => Buffer.from(payload).readUInt16BE(2))
  t.same(durations, [160, 320, 960, 960, 960])
  t.ok(steps(sent).every((step) => step < 0x8000_0000))
})
