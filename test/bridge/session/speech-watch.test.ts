import t from 'tap'
import { SpeechWatch, type SpeechFacts } from '../../../bridge/session/speech-watch.ts'

const NEVER = Number.NEGATIVE_INFINITY

/** Each 20 ms for so long; what is told, and when. */
function watch(lengthMs: number, at: (nowMs: number) => Partial<SpeechFacts>): string[] {
  const watchdog = new SpeechWatch({ deadAirMs: 60_000, agentSilentMs: 30_000 }, 0)
  const told: string[] = []
  for (let nowMs = 0; nowMs <= lengthMs; nowMs += 20) {
    const silence = watchdog.observe({
      nowMs,
      callerSpokeAtMs: NEVER,
      agentSpokeAtMs: NEVER,
      isExcused: false,
      ...at(nowMs),
    })
    if (silence) told.push(`${silence.kind} at ${nowMs} after ${silence.silentMs}`)
  }
  return told
}

t.test('a call in which nobody says a word is dead air, told once', async (t) => {
  t.same(
    watch(200_000, () => ({})),
    ['dead-air at 60000 after 60000'],
  )
})

t.test(
  'an agent that leaves the caller without an answer is silent, long before dead air',
  async (t) => {
    t.same(
      watch(50_000, (nowMs) => ({
        agentSpokeAtMs: 2000,
        callerSpokeAtMs: Math.min(nowMs, 5000),
      })),
      ['agent-silent at 35000 after 30000'],
    )
  },
)

t.test('an agent that asked and waits for the caller owes nothing', async (t) => {
  t.same(
    watch(59_000, () => ({ callerSpokeAtMs: 1000, agentSpokeAtMs: 4000 })),
    [],
  )
})

t.test('a caller who goes on talking is not told of as waiting', async (t) => {
  t.same(
    watch(300_000, (nowMs) => ({ agentSpokeAtMs: 1000, callerSpokeAtMs: nowMs })),
    [],
  )
})

t.test('a tool that runs, or a hold, excuses both', async (t) => {
  const busyUntil = 120_000
  t.same(
    watch(140_000, (nowMs) => ({ callerSpokeAtMs: 1000, isExcused: nowMs < busyUntil })),
    [],
  )
  t.same(
    watch(160_000, (nowMs) => ({ callerSpokeAtMs: 1000, isExcused: nowMs < busyUntil })),
    ['agent-silent at 149980 after 30000'],
    'from its end on the silence counts again',
  )
})

t.test('each silence is told anew after somebody spoke', async (t) => {
  const told = watch(250_000, (nowMs) => {
    const spokeAtMs = nowMs < 100_000 ? 0 : 100_000
    return { agentSpokeAtMs: spokeAtMs }
  })
  t.same(told, ['dead-air at 60000 after 60000', 'dead-air at 160000 after 60000'])
})
