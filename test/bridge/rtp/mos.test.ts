// The E-model beside values that are known.
import t from 'tap'
import { mosOf, mosOfRating, ratingOf, type StreamConditions } from '../../../bridge/rtp/mos.ts'

const PERFECT: StreamConditions = { delayMs: 0, lossRatio: 0, lossBurst: 1, isConcealed: true }
const near = (one: number, other: number, slack: number): boolean => Math.abs(one - other) <= slack

t.test('nothing lost, nothing late: the default rating of G.107', async (t) => {
  t.ok(near(ratingOf(PERFECT), 93.2, 0.05), 'R', { r: ratingOf(PERFECT) })
  t.ok(near(mosOf(PERFECT), 4.41, 0.005), 'MOS', { mos: mosOf(PERFECT) })
})

t.test('rating to opinion, table B.1 of G.107', async (t) => {
  for (const [rating, mos] of [
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ] as const)
    t.ok(near(mosOfRating(rating), mos, 0.01), `R ${rating}`, { mos: mosOfRating(rating) })
  t.equal(mosOfRating(0), 1)
  t.equal(mosOfRating(-5), 1)
  t.equal(mosOfRating(3), 1, 'where the formula dips below 1')
  t.equal(mosOfRating(100), 4.5)
})

t.test('loss by G.113: Ie,eff = 95 · Ppl / (Ppl + Bpl)', async (t) => {
  for (const [percent, isConcealed, impairment] of [
    [1, true, 3.64],
    [5, true, 15.78],
    [10, true, 27.07],
    [20, true, 42.13],
    [1, false, 17.92],
    [5, false, 51.08],
  ] as const) {
    const rating = ratingOf({ ...PERFECT, lossRatio: percent / 100, isConcealed })
    t.ok(near(ratingOf(PERFECT) - rating, impairment, 0.01), `${percent} % ${isConcealed}`, {
      rating,
    })
  }
})

t.test('bursts are worse than the same loss at random', async (t) => {
  const at = (lossBurst: number) => mosOf({ ...PERFECT, lossRatio: 0.05, lossBurst })
  t.equal(at(1), at(1 / 0.95), 'random loss makes bursts of 1.05 packets')
  t.ok(at(4) < at(2) && at(2) < at(1))
  t.ok(at(1000) >= 1)
})

t.test('delay: little to 150 ms, much from 200 on, as the simplified model has it', async (t) => {
  for (const delayMs of [20, 50, 100, 150, 200, 250, 300, 400]) {
    // Cole and Rosenbluth (2001), fitted to the same standard.
    const simple = 93.2 - 0.024 * delayMs - (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0)
    const rating = ratingOf({ ...PERFECT, delayMs })
    t.ok(near(rating, simple, 3.5), `${delayMs} ms`, { rating, simple })
  }
})

t.test('whatever is asked, the answer is an opinion', async (t) => {
  for (const delayMs of [-100, 0, 1e3, 1e6])
    for (const lossRatio of [-1, 0, 0.5, 1, 7])
      for (const lossBurst of [0, 1, 1e6]) {
        const mos = mosOf({ delayMs, lossRatio, lossBurst, isConcealed: false })
        t.ok(mos >= 1 && mos <= 4.5, `${delayMs} ${lossRatio} ${lossBurst}`, { mos })
      }
})
