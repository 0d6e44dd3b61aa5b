// Sequence numbers: wraps, losses, duplicates, restarts.
import t from 'tap'
import { SequenceTracker } from '../../../bridge/rtp/sequence.ts'
import { seededRandom } from './seeded-random.ts'

const kinds = (tracker: SequenceTracker, sequences: number[]): string[] =>
  sequences.map((sequence) => tracker.track(sequence))

t.test('the count goes on across the wrap', async (t) => {
  const tracker = new SequenceTracker()
  const extended = [65_534, 65_535, 0, 1].map((sequence) => [
    tracker.track(sequence),
    tracker.extended,
  ])
  t.same(extended, [
    ['started', 65_534],
    ['accepted', 65_535],
    ['accepted', 65_536],
    ['accepted', 65_537],
  ])
  t.equal(tracker.highest, 65_537)
  t.equal(tracker.expected, 4)
  t.equal(tracker.lost, 0)
})

t.test('a packet from before the wrap keeps its place', async (t) => {
  const tracker = new SequenceTracker()
  kinds(tracker, [65_533, 65_534, 0])
  t.equal(tracker.lost, 1)
  t.equal(tracker.track(65_535), 'accepted')
  t.equal(tracker.extended, 65_535)
  t.equal(tracker.highest, 65_536)
  t.equal(tracker.lost, 0)
})

t.test('duplicates are told from late packets', async (t) => {
  const tracker = new SequenceTracker()
  t.same(kinds(tracker, [10, 11, 11, 13, 12, 12, 13]), [
    'started',
    'accepted',
    'duplicate',
    'accepted',
    'accepted',
    'duplicate',
    'duplicate',
  ])
  t.equal(tracker.lost, 0)
})

t.test('a lone far packet is suspect; two in a row are a restarted stream', async (t) => {
  const tracker = new SequenceTracker()
  kinds(tracker, [100, 101])
  t.same(kinds(tracker, [30_000, 102, 30_001, 30_002]), [
    'suspect',
    'accepted',
    'suspect',
    'started',
  ])
  t.equal(tracker.lost, 0)
})

t.test('losses before a restart stay counted', async (t) => {
  const tracker = new SequenceTracker()
  kinds(tracker, [1, 2, 5, 40_000, 40_001, 40_003])
  t.equal(tracker.lost, 3)
  tracker.reset()
  kinds(tracker, [9])
  t.equal(tracker.lost, 3)
})

t.test('any loss, order and repetition within the window is counted exactly', async (t) => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = seededRandom(seed)
    const start = Math.floor(random() * 0x10000)
    const sent = Array.from({ length: 1000 }, (_, index) => index)
    const kept = sent.filter((index) => index === 0 || index === 999 || random() > 0.1)
    const arrivals = kept
      .flatMap((index) => (random() < 0.05 ? [index, index] : [index]))
      .map((index) => ({ index, at: index === 0 ? -100 : index + random() * 5 }))
      .sort((one, other) => one.at - other.at)
    const tracker = new SequenceTracker()
    let accepted = 0
    for (const { index } of arrivals)
      if (tracker.track((start + index) & 0xffff) !== 'duplicate') accepted += 1
    t.equal(accepted, kept.length, 'accepted', { seed })
    t.equal(tracker.lost, 1000 - kept.length, 'lost', { seed })
  }
})
