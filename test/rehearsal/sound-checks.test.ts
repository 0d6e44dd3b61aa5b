// Gaps of the sound: which fail a scenario, which are only noted, and where none is judged.
import t from 'tap'
import { ULAW_SILENCE, epochMs } from '../../core/contracts/index.ts'
import { judge } from '../../rehearsal/result.ts'
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

t.test('a pause in what was said is a gap too', async (t) => {
  const words = (ms: number) => `the phone heard agent-greeting with a pause of ${ms} ms in it`
  t.strictSame(checkSound(expect, paused(40, 2)), { complaints: [], notes: [words(40), words(40)] })
  t.strictSame(checkSound(expect, paused(60, 1)), { complaints: [words(60)], notes: [] })
  t.equal(checkSound(expect, paused(40, 3)).complaints.length, 3)
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
