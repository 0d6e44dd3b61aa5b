// What the caller is to hear, held and given out 20 ms at a time.
import t from 'tap'
import { g711, translate } from '../../../bridge/audio/g711.ts'
import { PlayoutQueue } from '../../../bridge/audio/playout-queue.ts'
import { audio, read, SILENCE, stage } from './playout-stage.ts'

const FADE_BYTES = 64

t.test('40 ms are held before an utterance starts', async (t) => {
  const queue = new PlayoutQueue()
  t.ok(queue.write(audio(160), 1, 0), 'an utterance begins')
  t.notOk(queue.mayStart(0))
  t.ok(
    read(queue, 1).every((byte) => byte === SILENCE),
    'silence until then',
  )
  t.notOk(queue.write(audio(160, 160), 1, 5))
  t.ok(queue.mayStart(5))
  queue.start()
  t.same(read(queue, 2), [...audio(320)])
})

t.test('a shorter utterance starts after 40 ms, its last frame padded with silence', async (t) => {
  const queue = new PlayoutQueue()
  queue.write(audio(200), 1, 0)
  t.notOk(queue.mayStart(39))
  t.ok(queue.mayStart(40))
  queue.start()
  t.same(read(queue, 3), [...audio(200), ...new Array<number>(280).fill(SILENCE)])
  t.notOk(queue.isPlaying)
})

t.test('running dry inside an answer is an underrun; a pause between answers is not', async (t) => {
  const queue = new PlayoutQueue()
  const utter = (eventId: number, nowMs: number): void => {
    queue.write(audio(320), eventId, nowMs)
    queue.start()
    read(queue, 2, nowMs)
  }
  utter(1, 0)
  utter(1, 100)
  t.equal(queue.underruns, 1, 'the same answer went on')
  utter(2, 200)
  t.equal(queue.underruns, 1, 'another answer')
  utter(2, 5000)
  t.equal(queue.underruns, 1, 'after a tool call')
})

t.test('an interruption forgets everything but 8 ms, and says how much', async (t) => {
  const { queue, interrupt, say, pass } = stage()
  say(1, 1000)
  pass(100)
  t.equal(interrupt(), 892)
  t.equal(interrupt(), 0)
  const after = pass(40)
  t.ok(
    after.slice(FADE_BYTES).every((byte) => byte === SILENCE),
    'silence after it',
  )
  t.ok(queue.isEmpty)
  t.notOk(queue.isPlaying)
  queue.write(audio(320, 9), 2, 10_000)
  queue.start()
  t.same(read(queue, 2), [...audio(320, 9)], 'the next answer is whole')
  t.equal(queue.underruns, 0)
})

for (const codec of ['PCMU', 'PCMA'] as const) {
  t.test(`audio cut off at full level makes no click (${codec})`, async (t) => {
    const law = g711(codec)
    const tone = (hz: number): Uint8Array =>
      Uint8Array.from({ length: 8000 }, (_, at) =>
        law.encode(Math.round(32_000 * Math.sin((2 * Math.PI * hz * at) / 8000))),
      )
    const steps = (line: number[]): number[] => {
      const linear = line.map((code) => law.decode[code] ?? 0)
      return linear.slice(1).map((sample, index) => Math.abs(sample - (linear[index] ?? 0)))
    }
    for (const hz of [50, 200, 440, 1000]) {
      const slope = Math.max(...steps([...tone(hz)]))
      for (let cut = 0; cut < 12; cut += 1) {
        const { queue, pass, interrupt, time } = stage(codec)
        queue.write(tone(hz), 1, time.ms)
        const heard = pass(100 + cut * 20)
        interrupt()
        heard.push(...pass(60))
        const largest = Math.max(...steps(heard))
        // The ramp adds a 65th of the level a step, and G.711's steps there are 1024 apart.
        t.ok(largest <= slope + 32_000 / 65 + 1100, 'no step larger than the tone has itself', {
          hz,
          cut,
          largest,
          slope,
        })
        t.equal(law.decode[heard.at(-1) ?? 0], law.decode[law.silence])
      }
    }
  })
}

t.test('a cut with less than 8 ms held fades out just as long', async (t) => {
  const law = g711('PCMU')
  const { queue, pass, interrupt, time } = stage()
  queue.write(new Uint8Array(3 * 160 + 10).fill(law.encode(20_000)), 1, time.ms)
  const heard = pass(60)
  t.equal(interrupt(), 0, 'all of it is heard')
  heard.push(...pass(20))
  const linear = heard.map((code) => law.decode[code] ?? 0)
  const largest = Math.max(...linear.slice(1).map((at, index) => Math.abs(at - linear[index]!)))
  t.ok(largest < 1500, 'no step', { largest })
})

t.test('what is held changes its codec with the line', async (t) => {
  const { say, prompt, pass, queue, interrupt } = stage()
  const inAlaw = (ulaw: number[]): number[] =>
    ulaw.map((code) => translate('PCMU', 'PCMA')?.[code] ?? -1)
  say(1, 100)
  t.same(pass(40), [...audio(320)])
  queue.use('PCMA')
  t.same(pass(60), inAlaw([...audio(800).slice(320)]))
  t.same(new Set(pass(20)), new Set([0xd5]), 'and so does silence')
  prompt('a', 40)
  pass(200)
  const a = 'a'.charCodeAt(0) & 0x3f
  prompt('a', 40)
  t.same(pass(20), inAlaw(new Array<number>(160).fill(a)))
  queue.use('PCMU')
  t.same(pass(20), new Array<number>(160).fill(a), 'prompts are never translated twice')
  queue.write(new Uint8Array(1600).fill(0x10), 9, 1)
  pass(40)
  interrupt()
  queue.use('PCMA')
  t.equal(g711('PCMA').decode[pass(20)[0]!]! < -10_000, true, 'what fades is translated too')
})

t.test('five minutes are the bound: the newest audio goes', async (t) => {
  const { queue, close, utterances } = stage()
  for (let second = 0; second < 305; second += 1) queue.write(audio(8000, second), 1, 0)
  t.equal(queue.heldMs, 300_000)
  t.equal(queue.droppedMs, 5000)
  queue.start()
  t.same(read(queue, 50), [...audio(8000, 0)])
  t.same(read(queue, 50), [...audio(8000, 1)])
  close()
  t.match(utterances, [{ heardMs: 2000, spokenMs: 305_000, interrupted: true }])
})

t.test('a flood of tiny utterances is bounded, and none of their audio is lost', async (t) => {
  const { queue, pass, utterances } = stage()
  for (let eventId = 0; eventId < 5000; eventId += 1) queue.write(audio(8), eventId, 0)
  t.equal(queue.heldMs, 5000)
  t.equal(queue.droppedMs, 0)
  pass(7000)
  t.equal(utterances.length, 300)
  t.match(utterances.at(-1), { eventId: 299, heardMs: 4701 })
})

t.test('every byte comes out once and in order, whatever the chunks', async (t) => {
  const queue = new PlayoutQueue()
  let written = 0
  const heard: number[] = []
  for (let round = 0; round < 3000; round += 1) {
    const length = (round * 7919) % 1000
    queue.write(audio(length, written), 1, round)
    written += length
    if (queue.mayStart(round)) queue.start()
    if (queue.heldMs >= 40) heard.push(...read(queue, 2, round))
  }
  t.ok(
    heard.every((byte, index) => byte === index % 255),
    'in order',
  )
  t.ok(heard.length > 500_000)
})
