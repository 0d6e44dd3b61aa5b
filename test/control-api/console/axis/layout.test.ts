// The layout of the axis: order, gathering, and the same place for the same moment in every lane at any zoom.
import t from 'tap'
import { AxisView, layerPx } from '../../../../control-api/console/pages/call/axis/axis-view.ts'
import {
  cluster,
  gatheringScale,
  within,
} from '../../../../control-api/console/pages/call/axis/clusters.ts'
import { pointsUnder } from '../../../../control-api/console/pages/call/axis/draw-peaks.ts'
import type { Entry } from '../../../../control-api/console/pages/call/axis/entry.ts'
import {
  clockText,
  tickStep,
  ticks,
} from '../../../../control-api/console/pages/call/axis/ruler-ticks.ts'

const HOUR_MS = 3_600_000
const ROUNDS = 60

/** The same numbers each time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const entry = (index: number, fromMs: number, toMs = fromMs): Entry => ({
  key: String(index),
  lane: 'agent',
  fromMs,
  toMs,
  label: '',
  title: '',
  tone: 'plain',
  items: [],
})

function manyEntries(roll: () => number): Entry[] {
  const count = 1 + Math.floor(roll() * 400)
  return Array.from({ length: count }, () => roll() * HOUR_MS)
    .sort((one, other) => one - other)
    .map((from, index) => entry(index, from, roll() < 0.5 ? from : from + roll() * 60_000))
}

t.test(
  'gathering keeps all, in order, no two closer than the gap, each where its first is',
  (t) => {
    for (let seed = 1; seed <= ROUNDS; seed += 1) {
      const roll = dice(seed)
      const entries = manyEntries(roll)
      const [scale, gap] = [10 ** (-4 + roll() * 4.3), 3 + roll() * 40]
      const clusters = cluster(entries, scale, gap)
      const told = { seed }
      t.same(
        clusters.flatMap(({ members }) => members.map(({ key }) => key)),
        entries.map(({ key }) => key),
        'all of them, in order',
        told,
      )
      const closest = clusters.slice(1).map((one, index) => {
        return (one.fromMs - (clusters[index]?.fromMs ?? 0)) * scale
      })
      t.ok(
        closest.every((px) => px >= gap - 1e-6),
        'no two closer than the gap',
        told,
      )
      t.ok(clusters.every(({ fromMs, members }) => fromMs === members[0].fromMs))
      t.ok(
        clusters.every(({ members, toMs }) => toMs === Math.max(...members.map((one) => one.toMs))),
      )
    }
    t.end()
  },
)

t.test('what is gathered seldom changes with the zoom, and never is too close', (t) => {
  for (let exponent = -4; exponent <= 0.3; exponent += 0.01) {
    const scale = 10 ** exponent
    const gathering = gatheringScale(scale)
    t.ok(gathering <= scale * (1 + 1e-6) && gathering > scale / 1.4143, { found: { scale } })
    t.ok(Math.abs(gatheringScale(gathering) / gathering - 1) < 1e-6, 'its own is itself')
  }
  t.end()
})

t.test('zoomed in far enough, each stands for itself', (t) => {
  const entries = [0, 10, 20, 1000].map((from, index) => entry(index, from))
  t.equal(cluster(entries, 0.01, 30).length, 1)
  t.equal(cluster(entries, 0.05, 30).length, 2)
  t.equal(cluster(entries, 2, 20).length, 4)
  t.end()
})

t.test('what touches the window is drawn, and nothing else', (t) => {
  for (let seed = 1; seed <= ROUNDS; seed += 1) {
    const roll = dice(seed)
    const clusters = cluster(manyEntries(roll), 0.001 + roll(), 5)
    const from = roll() * HOUR_MS
    const to = from + roll() * 600_000
    t.same(
      within(clusters, from, to).map(({ key }) => key),
      clusters.filter((one) => one.toMs >= from && one.fromMs <= to).map(({ key }) => key),
      { seed },
    )
  }
  t.end()
})

function viewOf(widthPx: number, toMs: number): AxisView {
  const view = new AxisView()
  view.resize(widthPx)
  view.setBounds(0, toMs)
  return view
}

t.test('at any zoom and place the layer, the lines and the pointer mean the same pixel', (t) => {
  for (let seed = 1; seed <= ROUNDS; seed += 1) {
    const roll = dice(seed)
    const view = viewOf(300 + Math.round(roll() * 1500), 1000 + roll() * HOUR_MS)
    for (let step = 0; step < 30; step += 1) {
      if (roll() < 0.6) view.zoomAround(roll() * view.widthPx, 0.4 + roll() * 2.4)
      else view.panBy((roll() - 0.5) * 4000)
      const ms = view.msAt(roll() * view.widthPx)
      const drawn = view.layerX + layerPx(view.window(), ms)
      t.ok(Math.abs(drawn - view.xOf(ms)) <= 0.51, 'within half a pixel', { seed, step, drawn })
      t.ok(Math.abs(view.msAt(view.xOf(ms)) - ms) < 1e-3)
      const { fromMs, toMs } = view.window()
      t.ok(fromMs <= view.startMs && toMs >= view.endMs, 'what is seen is drawn', { seed, step })
    }
  }
  t.end()
})

t.test('a peak is drawn under the pixel of its moment', (t) => {
  const roll = dice(7)
  for (let round = 0; round < ROUNDS; round += 1) {
    const seconds = 1 + roll() * 3600
    const length = Math.ceil(seconds * 50)
    const pxPerSecond = 0.2 + roll() * 2000
    const at = roll() * seconds
    const px = Math.floor(at * pxPerSecond)
    const { from, to } = pointsUnder(px, px + 1, { length }, { seconds, pxPerSecond })
    const perPoint = seconds / length
    t.ok(to > from, 'there is one')
    t.ok(from * perPoint <= at + 1e-9, { found: { at, from } })
    t.ok(to * perPoint >= at - 1 / pxPerSecond - perPoint, { found: { at, to } })
  }
  t.end()
})

t.test('zooming keeps what is under the pointer', (t) => {
  const view = viewOf(1000, 60_000)
  view.zoomAround(500, 8)
  const ms = view.msAt(300)
  view.zoomAround(300, 2)
  t.ok(Math.abs(view.xOf(ms) - 300) < 1e-6)
  view.zoomAround(300, 0.25)
  t.ok(Math.abs(view.xOf(ms) - 300) < 1e-6)
  t.end()
})

t.test('the whole call is the least zoom, 2 px a millisecond the most', (t) => {
  const view = viewOf(1000, 60_000)
  t.ok(view.isFit)
  t.ok(view.xOf(0) > 0 && view.xOf(60_000) < 1000)
  view.zoomAround(10, 0.01)
  t.ok(view.isFit)
  view.panBy(500)
  t.ok(view.xOf(0) > 0, 'there is nowhere to go')
  for (let step = 0; step < 40; step += 1) view.zoomAround(500, 3)
  t.equal(view.pxPerMs, 2)
  view.panBy(1e9)
  t.ok(view.xOf(60_000) > 0, 'its end stays in sight')
  view.panBy(-1e9)
  t.ok(view.xOf(0) >= 0 && view.xOf(0) < 1000, 'and so does its beginning')
  view.fit()
  t.ok(view.xOf(60_000) < 1000)
  t.end()
})

t.test('moving along draws nothing anew until the edge of what was drawn comes near', (t) => {
  const view = viewOf(1000, HOUR_MS)
  view.zoomAround(500, 100)
  const before = view.window()
  for (let px = 0; px < 490; px += 7) view.panBy(7)
  t.equal(view.window(), before)
  view.panBy(600)
  t.not(view.window(), before)
  t.end()
})

t.test('ticks are round, and far enough from each other', (t) => {
  for (let exponent = -4; exponent <= 0.3; exponent += 0.05) {
    const scale = 10 ** exponent
    const step = tickStep(scale)
    t.ok(step * scale >= 84 || step === HOUR_MS, { scale, step })
    const found = ticks(12_345, 12_345 + 1000 / scale, scale)
    t.ok(found.every(({ ms }) => Math.abs(ms % step) < 1e-6))
    t.equal(new Set(found.map(({ label }) => label)).size, found.length, 'all labels differ')
  }
  t.end()
})

t.test('clock', (t) => {
  t.equal(clockText(65_250), '1:05.250')
  t.equal(clockText(65_250, 100), '1:05.3')
  t.equal(clockText(65_000, 1000), '1:05')
  t.equal(clockText(3_723_000, 1000), '1:02:03')
  t.equal(clockText(-12), '−0:00.012')
  t.equal(clockText(-0.2), '0:00.000')
  t.equal(clockText(59_999.9, 1000), '1:00')
  t.end()
})
