// Agent audio held and given out 20 ms at a time.
import t from 'tap'
import { PlayoutQueue } from '../../../bridge/audio/playout-queue.ts'

/** Reads `frames` frames; every byte that is not silence. */
function read(queue: PlayoutQueue, frames: number, nowMs = 0): number[] {
  const heard: number[] = []
  for (let index = 0; index < frames; index += 1) {
    const target = new Uint8Array(172).fill(1)
    queue.readFrame(target, 12, nowMs)
    if (target.subarray(0, 12).some((byte) => byte !== 1)) throw new Error('wrote into the header')
    heard.push(...target.subarray(12))
  }
  return heard
}

const audio = (length: number, from = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (from + index) % 255)

t.test('40 ms are held before an utterance starts', async (t) => {
  const queue = new PlayoutQueue()
  t.ok(queue.write(audio(160), 1, 0), 'an utterance begins')
  t.notOk(queue.mayStart(0))
  t.ok(
    read(queue, 1).every((byte) => byte === 0xff),
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
  t.same(read(queue, 3), [...audio(200), ...new Array<number>(280).fill(0xff)])
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

t.test('clear forgets everything and says how much', async (t) => {
  const queue = new PlayoutQueue()
  queue.write(audio(8000), 1, 0)
  queue.start()
  read(queue, 5)
  t.equal(queue.clear(), 900)
  t.equal(queue.clear(), 0)
  t.ok(queue.isEmpty)
  t.ok(read(queue, 2).every((byte) => byte === 0xff))
  queue.write(audio(320, 9), 2, 10)
  queue.start()
  t.same(read(queue, 2), [...audio(320, 9)], 'the next answer is whole')
  t.equal(queue.underruns, 0)
})

t.test('five minutes are the bound: the newest audio goes', async (t) => {
  const queue = new PlayoutQueue()
  for (let second = 0; second < 305; second += 1) queue.write(audio(8000, second), 1, 0)
  t.equal(queue.heldMs, 300_000)
  t.equal(queue.droppedMs, 5000)
  queue.start()
  t.same(read(queue, 50), [...audio(8000, 0)])
  t.same(read(queue, 50), [...audio(8000, 1)])
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
