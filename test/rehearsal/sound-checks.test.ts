// Gaps of the sound: which fail a scenario, which are only noted, and where none is judged.
import t from 'tap'
import { ULAW_SILENCE, epochMs } from '../../core/contracts/index.ts'
import { judge } from '../../rehearsal/result.ts'
import { stalledMs } from '../../rehearsal/gaps.ts'
import { checkSound } from '../../rehearsal/sound-checks.ts'
import type { Take } from '../../rehearsal/take.ts'
import { soundBytes } from '../../simulators/carrier/index.ts'
import { aBusyTake, aCarrierRecord, aHearing, aSession, aTake, EXPECTED, T0 } from './a-take.ts'

const { expect } = EXPECTED
const at = (offsetMs: number) => epochMs(T0 + offsetMs)

/** Late packets on the phone, a second apart. */
const late = (...gapsMs: number[]): Take => {
  const gaps = gapsMs.map((ms, index) => ({ at: at(2000 + index * 1000), ms }))
  return aTake({ carrier: aCarrierRecord({ rtpIn: aHearing({ gaps }) }) })
}

/** The agent's 20 ms messages, each so much later than the one before it accounts for. */
const lateAtTheAgent = (...gapsMs: number[]): Take => {
  let offsetMs = 1046
  const next = (ms: number) => ({ at: at((offsetMs += 20 + ms)), bytes: 160 })
  const callerFrames = [{ at: at(offsetMs), bytes: 160 }, ...gapsMs.map(next)]
  return aTake({ sessions: [aSession({ callerFrames })] })
}

/** Silence put into the greeting, at each of so many places. */
const paused = (ms: number, places: number): Take => {
  const greeting = soundBytes({ speech: 'agent-greeting' })
  const pieces = Array.from({ length: places }, (_, index) => [
    greeting.subarray(index * 8000, (index + 1) * 8000),
    Buffer.alloc(ms * 8, ULAW_SILENCE),
  ])
  const audio = Buffer.concat([...pieces.flat(), greeting.subarray(places * 8000)])
  return aTake({ carrier: aCarrierRecord({ rtpIn: aHearing({ audio }) }) })
}

t.test('one or two gaps of at most 40 ms are noted, more or longer ones fail', async (t) => {
  const noted = (who: string, count: number, longestMs: number) => ({
    complaints: [],
    notes: [`${who} heard ${count} gaps over 20 ms, the longest ${longestMs} ms`],
  })
  t.strictSame(checkSound(expect, late(20)), { complaints: [], notes: [] })
  t.strictSame(checkSound(expect, late(21, 40)), noted('the phone', 2, 40))
  t.strictSame(checkSound(expect, lateAtTheAgent(21, 21)), noted('the agent', 2, 21))
  const failed = (take: Take, complaint: string) =>
    t.strictSame(checkSound(expect, take), { complaints: [complaint], notes: [] })
  failed(late(41), 'the phone heard 1 gaps over 20 ms, the longest 41 ms')
  failed(late(21, 21, 21), 'the phone heard 3 gaps over 20 ms, the longest 21 ms')
  failed(lateAtTheAgent(0, 45), 'the agent heard 1 gaps over 20 ms, the longest 45 ms')
  failed(lateAtTheAgent(21, 0, 21, 22), 'the agent heard 3 gaps over 20 ms, the longest 22 ms')
})

t.test('gaps that the machine made do not count towards three', async (t) => {
  const stalls = [{ from: T0 + 1970, to: T0 + 2000 }]
  const found = checkSound(expect, { ...late(30, 30, 30), stalls })
  t.strictSame(found.complaints, [])
  t.match(found.notes, [/kept our threads waiting then: 1$/, /^the phone heard 2 gaps/])
})

/** The greeting with something else in place of so many milliseconds of it, from its first second on. */
const cut = (ms: number, stalls: Take['stalls'] = []): Take => {
  const audio = Buffer.from(soundBytes({ speech: 'agent-greeting' }))
  audio.fill(0x55, 8000, 8000 + ms * 8)
  return aTake({ carrier: aCarrierRecord({ rtpIn: aHearing({ audio }) }), stalls })
}
/** The cut is heard at 2020 ms: the stall ends a little before. */
const stalled = (ms: number) => [{ from: T0 + 1900 - ms, to: T0 + 1900 }]

t.test('what the machine made us miss is noted; what it cannot account for fails', async (t) => {
  const whole = 'the phone did not hear agent-greeting whole'
  t.strictSame(checkSound(expect, cut(0)), { complaints: [], notes: [] })
  t.strictSame(checkSound(expect, cut(100)).complaints, [whole], 'nothing kept us waiting')
  const excused = checkSound(expect, cut(100, stalled(100)))
  t.strictSame(excused.complaints, [])
  t.match(excused, {
    notes: [/^the phone missed \d+ ms of agent-greeting, while this machine kept our threads/],
  })
  t.strictSame(checkSound(expect, cut(200, stalled(30))).complaints, [whole], 'not for so long')
  const long = [{ from: T0 + 4000, to: T0 + 4500 }]
  t.strictSame(checkSound(expect, cut(100, long)).complaints, [whole], 'not then')
  t.strictSame(checkSound(expect, cut(2000, stalled(800))).complaints, [whole], 'not understood')
})

t.test('sound twice over after a stall shortens the next silence, and only then', async (t) => {
  // 20 ms messages from 2000 ms on; at 3000 ms 100 ms of sound too much; at 4000 ms a gap of that length.
  const frames = (extra: number, gapMs: number) => [
    ...Array.from({ length: 50 }, (_, index) => ({ at: at(2000 + index * 20), bytes: 160 })),
    ...Array.from({ length: extra }, () => ({ at: at(3000), bytes: 160 })),
    ...Array.from({ length: 50 }, (_, index) => ({ at: at(3000 + index * 20), bytes: 160 })),
    { at: at(4000 + gapMs), bytes: 160 },
  ]
  const take = (extra: number, gapMs: number, stalls: Take['stalls'] = []): Take =>
    aTake({ sessions: [aSession({ callerFrames: frames(extra, gapMs) })], stalls })
  const stalls = [{ from: T0 + 2900, to: T0 + 2990 }]
  t.strictSame(checkSound(expect, take(5, 100, stalls)).complaints, [])
  t.match(checkSound(expect, take(5, 100)).complaints, [/the agent heard 1 gaps/], 'no stall')
  t.match(checkSound(expect, take(0, 100, stalls)).complaints, [/heard 1 gaps/], 'not too much')
  t.match(checkSound(expect, take(5, 200, stalls)).complaints, [/heard 1 gaps/], 'too long')
})

t.test(
  'a hole lies where the promptest packet says, however late the first one came',
  async (t) => {
    const holes = [{ offsetMs: 1000, ms: 100 }]
    const take = (beganMs: number): Take => {
      const rtpIn = aHearing({ firstAt: at(1220), beganAt: at(beganMs), holes })
      return aTake({
        carrier: aCarrierRecord({ rtpIn }),
        stalls: [{ from: T0 + 2010, to: T0 + 2110 }],
      })
    }
    t.strictSame(checkSound(expect, take(1020)).complaints, [])
    t.match(checkSound(expect, take(1220)).complaints, [/the phone heard 1 gaps/])
  },
)

t.test('a second stream is the product’s fault, one from elsewhere a stranger’s', async (t) => {
  const heard = (ssrcs: number[], sources: string[]) =>
    checkSound(expect, aTake({ carrier: aCarrierRecord({ rtpIn: aHearing({ ssrcs, sources }) }) }))
  t.strictSame(heard([1, 2], ['127.0.0.1:20000']).complaints, ['the RTP changed its SSRC'])
  t.strictSame(heard([1, 2], ['127.0.0.1:20000', '127.0.0.1:9']), {
    complaints: [],
    notes: ['RTP came from 2 places'],
  })
})

t.test('waiting is counted once, and within its time', async (t) => {
  const stalls = [
    { from: 10, to: 40 },
    { from: 0, to: 20 },
    { from: 15, to: 30 },
    { from: 90, to: 200 },
  ]
  t.equal(stalledMs(stalls, 0, 100), 50)
  t.equal(stalledMs(stalls, 20, 95), 25)
  t.equal(stalledMs(stalls, 50, 80), 0)
  t.equal(stalledMs([], 0, 100), 0)
})

t.test('a pause in what was said is a gap too', async (t) => {
  const words = (ms: number) => `the phone heard agent-greeting with a pause of ${ms} ms in it`
  t.strictSame(checkSound(expect, paused(40, 2)), { complaints: [], notes: [words(40), words(40)] })
  t.strictSame(checkSound(expect, paused(60, 1)), { complaints: [words(60)], notes: [] })
  t.equal(checkSound(expect, paused(40, 3)).complaints.length, 3)
  t.equal(checkSound(expect, paused(20, 3)).complaints.length, 3, 'a frame of silence is heard')
})

t.test('the report has the notes, and the scenario passes', async (t) => {
  const result = judge(EXPECTED, late(21, 21), 0.08)
  t.equal(result.passed, true)
  t.match(result.notes, ['the phone heard 2 gaps over 20 ms, the longest 21 ms'])
})

t.test('where the scenario makes the gaps it says so, once there is sound', async (t) => {
  const lossy = { ...expect, callerHears: [], agentHears: [], lossy: true }
  const stalls = [{ from: T0 + 1940, to: T0 + 2000 }]
  t.strictSame(checkSound(lossy, { ...late(60, 60, 60), stalls }), {
    complaints: [],
    notes: ['gaps are not judged here: the scenario makes them'],
  })
  t.strictSame(checkSound(lossy, aBusyTake()).notes, [])
})
