// Who was heard when: by the events of a call, and by the levels of its recording.
import t from 'tap'
import { findSilences } from '../../../control-api/calls/silence/find-silences.ts'
import { viewSilences } from '../../../control-api/calls/silence/silences-view.ts'
import type { HeardLevels } from '../../../control-api/calls/silence/silence.ts'
import { speechOfLevels } from '../../../control-api/calls/silence/speech-of-levels.ts'
import { recordedIn } from '../../../control-api/calls/silence/talk.ts'
import { scanPeaks } from '../../../control-api/calls/peaks/peak-scan.ts'
import type { CallEvent } from '../../../core/contracts/index.ts'
import { ZERO, agent, at, BEGUN, caller, ended } from '../../support/call-story.ts'
import { wav, type Level } from '../../support/wav-file.ts'
import { Readable } from 'node:stream'

/** `from–to cause reason` of each. */
function silences(events: readonly CallEvent[], levels?: HeardLevels): string[] {
  const { items } = viewSilences(ZERO, findSilences(events, levels))
  for (const { detail } of items) if (detail === '') throw new Error('a silence says nothing')
  return items.map((one) => `${one.from_ms}–${one.to_ms} ${one.cause} ${one.reason}`)
}

t.test('an agent that told too much is told of no more', async (t) => {
  const flood = Array.from({ length: 1999 }, (_, index) =>
    at(4100 + index, 'agent.error', { errorType: 'x', detail: '' }),
  )
  t.same(silences([...BEGUN, ...flood, ended(600_000)]), [])
})

t.test('who was heard when, without a recording', async (t) => {
  const events = [
    ...BEGUN,
    caller(6000, 'One two three four five six seven eight nine ten.', 1),
    caller(6300, 'One two three four five six seven eight nine ten. Eleven.', 1),
    agent(7000, 9000),
    at(8000, 'agent.interrupted', { eventId: 7, discardedMs: 100 }),
    caller(9500, 'No!', 2),
    caller(9600, ' ', 3),
    ended(9700),
  ]
  const { speech } = viewSilences(ZERO, findSilences(events))
  t.same(
    speech.map(({ who, from_ms: from, to_ms: to }) => [who, from, to]),
    [
      ['agent', 1500, 4000],
      // 49 letters at 65 ms would begin before the agent had ended.
      ['caller', 4000, 6300],
      ['agent', 7000, 9000],
      ['caller', 8000, 9500],
    ],
  )
})

t.test('a recording knows better, where it was on', async (t) => {
  const stretch = (from: number, to: number) => ({ from: ZERO + from, to: ZERO + to })
  const events = [
    ...BEGUN,
    caller(9000, 'Yes.'),
    agent(12_000, 14_000),
    caller(20_000, 'No.'),
    ended(20_200),
  ]
  const levels = {
    covered: [stretch(1000, 15_000)],
    caller: [stretch(6000, 7000)],
    agent: [stretch(1500, 3900), stretch(12_010, 14_000)],
  }
  t.same(silences(events, levels), [
    '4000–6000 caller callers-turn',
    '7000–12000 agent answer-slow',
    '14000–19600 caller callers-turn',
  ])
  const { speech } = viewSilences(ZERO, findSilences(events, levels))
  t.same(
    speech.filter(({ who }) => who === 'caller').map(({ from_ms: from, to_ms: to }) => [from, to]),
    [
      [6000, 7000],
      [19_600, 20_000],
    ],
    'the estimate holds where nothing was recorded',
  )
})

/** Seconds in which each was heard, of a recording from second 10 on. */
async function heardBy(callerLevel: Level, agentLevel: Level): Promise<HeardLevels> {
  const bytes = wav(20, callerLevel, agentLevel)
  const peaks = await scanPeaks(Readable.from([bytes], { objectMode: false }), bytes.length)
  if (!peaks) throw new Error('no peaks')
  const recording = { from: 10_000, to: 30_000 }
  return await speechOfLevels(peaks, recording, [recording])
}
const within = (second: number, ...spans: readonly (readonly [number, number])[]): boolean =>
  spans.some(([from, to]) => second >= from && second < to)
const pairs = (some: HeardLevels['caller']) => some.map(({ from, to }) => [from, to])

t.test('voices are told from the noise of the line', async (t) => {
  for (const noise of [0, 8, 100, 300, 700]) {
    const { caller: heard } = await heardBy(
      (at) => (within(at, [2, 3.5], [7, 7.5]) ? 5000 : noise),
      () => 0,
    )
    t.same(
      pairs(heard),
      [
        [12_000, 13_500],
        [17_000, 17_500],
      ],
      `noise of ${noise}`,
    )
  }
  const quiet = await heardBy(
    () => 200,
    () => 0,
  )
  t.same(quiet.caller, [], 'noise alone is nobody')
  const loud = await heardBy(
    () => 6000,
    () => 0,
  )
  t.same(pairs(loud.caller), [[10_000, 30_000]], 'one who never stops is somebody')
})

t.test('pauses within words are held over, clicks are nobody', async (t) => {
  const { caller: heard } = await heardBy(
    (at) => (within(at, [1, 1.4], [1.6, 2], [2.5, 3], [5, 5.02]) ? 4000 : 20),
    () => 0,
  )
  t.same(pairs(heard), [
    [11_000, 12_000],
    [12_500, 13_000],
  ])
})

t.test('the agent’s echo is not the caller, whoever talks over the agent is', async (t) => {
  const agentLevel: Level = (at) => (within(at, [2, 6]) ? 12_000 : 0)
  const echo = await heardBy((at) => Math.max(10, agentLevel(at - 0.3) * 0.25), agentLevel)
  t.same(pairs(echo.agent), [[12_000, 16_000]])
  t.same(echo.caller, [])
  const over = await heardBy((at) => (within(at, [4, 5]) ? 8000 : 10), agentLevel)
  t.same(pairs(over.caller), [[14_000, 15_000]])
})

t.test('what was paused is not recorded', async (t) => {
  const events = [
    at(5000, 'recording.paused', {}),
    at(7000, 'recording.resumed', {}),
    at(9000, 'recording.paused', {}),
  ]
  t.same(recordedIn(events, { from: ZERO + 1000, to: ZERO + 20_000 }), [
    { from: ZERO + 1000, to: ZERO + 5000 },
    { from: ZERO + 7000, to: ZERO + 9000 },
  ])
})
