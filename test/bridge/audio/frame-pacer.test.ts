// The 20 ms clock: no drift, no burst, also when the thread stalls.
import t, { type Test } from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { FramePacer } from '../../../bridge/audio/frame-pacer.ts'
import { Packetizer } from '../../../bridge/rtp/packetizer.ts'
import { decodeRtp } from '../../support/decode-rtp.ts'

interface Beat {
  readonly at: number
  readonly tick: number
  readonly skipped: number
}

function stage(t: Test) {
  const counted = { late: 0 }
  const pacer = new FramePacer({
    now: () => performance.now(),
    onLateFrames: (count) => (counted.late += count),
  })
  t.teardown(() => pacer.close())
  const join = () => {
    const beats: Beat[] = []
    const seat = pacer.join({
      onFrame: (tick, skipped) => beats.push({ at: performance.now(), tick, skipped }),
    })
    return { beats, seat }
  }
  return { pacer, counted, join }
}

/** Those that were sent and those that were skipped. */
const framesOf = (beats: readonly Beat[]): number =>
  beats.reduce((sum, { skipped }) => sum + 1 + skipped, 0)

const stall = (milliseconds: number): void => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

t.test('ticks are 20 ms apart to the end', async (t) => {
  const { join } = stage(t)
  const startedAt = performance.now()
  const members = [join(), join()]
  await sleep(7)
  members.push(join())
  await sleep(1000)
  for (const { beats } of members) {
    const all = framesOf(beats)
    // To the last one: where the machine stands still, the next may be behind the end of this wait.
    const tookMs = (beats.at(-1)?.at ?? NaN) - startedAt
    t.ok(Math.abs(all - tookMs / 20) <= 4, 'fifty a second', { all, tookMs })
    t.ok(beats.length > all / 2, 'of which a busy machine skips some', { beats: beats.length })
    const first = beats[0]!
    t.ok(
      beats.every(({ tick }) => (tick - first.tick) % 20 === 0),
      'on one grid',
    )
    t.equal((beats.at(-1)!.tick - first.tick) / 20, all - 1 - first.skipped, 'none unaccounted')
  }
})

t.test('a stall is skipped, counted, and followed by no burst', async (t) => {
  const { counted, join } = stage(t)
  const { beats } = join()
  const packetizer = new Packetizer({ ssrc: 1, sequence: 65_535, timestamp: 0xffff_ff00 })
  await sleep(110)
  const before = beats.length
  stall(210)
  const stalledAt = performance.now()
  await sleep(110)
  const afterMs = performance.now() - stalledAt
  const after = beats.slice(before)
  const skipped = framesOf(beats) - beats.length
  t.ok(skipped >= 8, 'ten frames were missed', { skipped })
  t.ok(after.length <= afterMs / 20 + 3, 'and are not made up for', { frames: after.length })
  t.ok(
    after.slice(1).every((beat, index) => beat.tick - after[index]!.tick >= 20),
    'no burst',
  )
  t.ok(counted.late < skipped, 'nor counted as late', { late: counted.late })
  const first = beats[0]!
  for (const { tick } of beats) {
    const packet = decodeRtp(packetizer.next(tick, 0, false))
    if (packet.kind === 'invalid') throw new Error(packet.fault)
    const rtpMs = ((packet.timestamp - 0xffff_ff00) >>> 0) / 8
    t.equal(rtpMs, tick - first.tick, 'the timestamp is the wall clock')
  }
  const behindMs = beats.map(({ at, tick }) => at - tick)
  const clock = Math.min(...behindMs)
  // One may have been late because the machine was.
  const far = behindMs.filter((ms) => ms - clock >= 21)
  t.ok(far.length <= 1, 'each within one frame', { far })
})

t.test('a restart moves the frames to now and keeps the others', async (t) => {
  const { join } = stage(t)
  const moved = join()
  const other = join()
  await sleep(109)
  const count = moved.beats.length
  const tick = moved.seat.restart()
  await sleep(100)
  t.ok(moved.beats.slice(count).every((beat) => (beat.tick - tick) % 20 === 0 && beat.tick > tick))
  t.ok(other.beats.every((beat) => (beat.tick - other.beats[0]!.tick) % 20 === 0))
})

t.test('a restart right after a frame does not repeat its tick', async (t) => {
  const { pacer } = stage(t)
  const ticks: number[] = []
  const seat = pacer.join({
    onFrame: (tick) => {
      ticks.push(tick)
      ticks.push(seat.restart())
    },
  })
  await sleep(200)
  t.ok(ticks.length > 8)
  t.ok(
    ticks.every((tick, index) => index === 0 || tick > (ticks[index - 1] ?? 0)),
    'rising',
  )
})

t.test('who left hears no more; an empty pacer has no timer', async (t) => {
  const { join, pacer } = stage(t)
  const { beats, seat } = join()
  await sleep(50)
  seat.leave()
  seat.leave()
  const count = beats.length
  await sleep(60)
  t.equal(beats.length, count)
  t.equal(pacer.seatCount, 0)
  seat.restart()
  await sleep(30)
  t.equal(beats.length, count)
})

t.test('leaving from within a frame is safe', async (t) => {
  const { pacer } = stage(t)
  let frames = 0
  const seat = pacer.join({
    onFrame: () => {
      frames += 1
      seat.leave()
    },
  })
  await sleep(80)
  t.equal(frames, 1)
})
