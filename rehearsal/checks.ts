// What must hold in every scenario. Pure: evidence in, complaints in words out.
import { FRAME_MS } from '#core/contracts'
import { soundBytes } from '#simulators/carrier'
import type { SpeechName } from '#simulators/speech'
import { checkLedger } from './ledger-check.ts'
import { GAP_MS, isExcused } from './gaps.ts'
import { findSpeech } from './heard-speech.ts'
import { understand } from './intelligible.ts'
import { hangUpOf, measure } from './measure.ts'
import type { Expectation, Scenario } from './scenario.ts'
import type { Take } from './take.ts'

/** The agent's socket must be closed this long after the BYE; what is aimed at is AFTER_HANG_UP_GOAL_MS. */
export const AFTER_HANG_UP_ALLOWANCE_MS = 1000
export const AFTER_HANG_UP_GOAL_MS = 20

const unless = (holds: boolean, complaint: string): string[] => (holds ? [] : [complaint])

/** All that is wrong; empty when the scenario passed. */
export function checkTake({ expect, check }: Scenario, take: Take): readonly string[] {
  const unplayed = take.broken === null ? [] : [`it could not be played: ${take.broken}`]
  if (take.call === null || take.carrier === null) {
    return [...unplayed, ...unless(unplayed.length > 0, 'there is no record of the call')]
  }
  return [
    ...unplayed,
    ...checkEnd(expect, take),
    ...checkGuard(expect, take),
    ...checkSound(expect, take),
    ...take.carrier.protocolErrors.map((complaint) => `the carrier objects: ${complaint}`),
    ...checkLedger(take),
    ...check(take),
  ]
}

function checkEnd({ outcome, termination }: Expectation, { call }: Take): string[] {
  const wanted = describe(termination)
  const got = call?.termination ? describe(call.termination) : 'no termination'
  return [
    ...unless(call?.outcome === outcome, `outcome ${String(call?.outcome)} instead of ${outcome}`),
    ...unless(got === wanted, `ended as ${got} instead of ${wanted}`),
  ]
}

const describe = (end: Expectation['termination']): string =>
  `${end.result}/${end.reason} by ${end.by}${end.sipStatus === null ? '' : ` (${end.sipStatus})`}`

/** The cost guard, by the simulators' own clock. */
function checkGuard({ agentSessions }: Expectation, take: Take): string[] {
  const { carrier, sessions, call, sessionsBeforeAnswerMetric: counted } = take
  const figures = measure(take)
  const allowanceSeconds = AFTER_HANG_UP_ALLOWANCE_MS / 1000
  const answeredAt = carrier?.answeredAt ?? null
  const accepted = sessions.filter(({ httpStatus }) => httpStatus === 101).length
  return [
    ...unless(
      sessions.length === agentSessions,
      `${sessions.length} agent sessions were asked for instead of ${agentSessions}`,
    ),
    ...unless(
      sessions.every(({ upgradeAt }) => answeredAt !== null && upgradeAt >= answeredAt),
      `the agent was opened before the answer: ${figures.agentSecondsBeforeAnswer.toFixed(3)} s`,
    ),
    ...sessions.flatMap(({ closedAt }) =>
      unless(closedAt !== null, 'the agent’s socket was still open after the call'),
    ),
    ...unless(
      figures.agentSecondsAfterHangUp <= allowanceSeconds,
      `the agent stayed ${figures.agentSecondsAfterHangUp.toFixed(3)} s after the hang-up`,
    ),
    ...checkNotAbandoned(take),
    ...unless(
      call?.agentSessions === accepted,
      `the record shows ${String(call?.agentSessions)} agent sessions instead of ${accepted}`,
    ),
    ...unless(
      counted === 0,
      `voicegate_agent_sessions_before_answer_total is ${String(counted)} instead of 0`,
    ),
  ]
}

/** While the far end talks, the agent must stay: closed after the BYE it sends, not before. */
function checkNotAbandoned(take: Take): string[] {
  if (take.carrier?.byeBy !== 'carrier') return []
  const hungUpAt = hangUpOf(take)
  return unless(
    take.sessions.every(({ closedAt }) => closedAt === null || closedAt >= hungUpAt),
    'the agent’s socket was closed before the BYE',
  )
}

function checkSound({ callerHears, agentHears, lossy = false }: Expectation, take: Take): string[] {
  const rtp = take.carrier?.rtpIn
  const { callerGaps, agentGaps } = measure(take)
  const judge = lossy ? checkUnderstood : checkHeard
  return [
    ...callerHears.flatMap((name) => judge(name, take, onThePhone(take))),
    ...agentHears.flatMap((name) => judge(name, take, atTheAgent(take))),
    ...unless(lossy || callerGaps.count === 0, gapWords('the phone', callerGaps)),
    ...unless(lossy || agentGaps.count === 0, gapWords('the agent', agentGaps)),
    ...unless((rtp?.malformed ?? 0) === 0, `${String(rtp?.malformed)} RTP packets were malformed`),
    ...unless(
      rtp?.packetMs.every((ms) => ms === FRAME_MS) ?? true,
      `RTP packets carried ${String(rtp?.packetMs.join(', '))} ms`,
    ),
    ...unless((rtp?.ssrcs.length ?? 0) <= 1, 'the RTP changed its SSRC'),
  ]
}

interface Heard {
  readonly who: string
  readonly audio: Buffer
  /** When the sound at that place was heard. */
  readonly timeOf: (offsetBytes: number) => number
}

const BYTES_PER_MS = 8

function onThePhone({ carrier }: Take): Heard {
  const audio = carrier?.rtpIn.audio ?? Buffer.alloc(0)
  const firstAt = carrier?.rtpIn.firstAt ?? 0
  return { who: 'the phone', audio, timeOf: (offset) => firstAt + offset / BYTES_PER_MS }
}

function atTheAgent({ sessions }: Take): Heard {
  const frames = sessions.flatMap(({ callerFrames }) => callerFrames)
  const timeOf = (offset: number): number => {
    let end = 0
    return frames.find(({ bytes }) => (end += bytes) > offset)?.at ?? 0
  }
  const audio = Buffer.concat(sessions.map(({ callerAudio }) => callerAudio))
  return { who: 'the agent', audio, timeOf }
}

/** What is held to be played makes a pause come later than its cause. */
const HELD_MS = 250

function checkHeard(name: SpeechName, { stalls }: Take, { who, audio, timeOf }: Heard): string[] {
  const pauses = findSpeech(audio, soundBytes({ speech: name }))
  if (!pauses) return [`${who} did not hear ${name} whole`]
  return pauses
    .map(({ offsetBytes, ms, isFilled }) => {
      const from = timeOf(offsetBytes)
      return { from: from - HELD_MS, to: from + ms, ms, isFilled }
    })
    .filter((pause) => (pause.isFilled || pause.ms > GAP_MS) && !isExcused(stalls, pause))
    .map(({ ms }) => `${who} heard ${name} with a pause of ${ms.toFixed(0)} ms in it`)
}

/** With packets lost on purpose: most of it, no stretch of it missing for longer than a syllable, at its pace. */
const UNDERSTOOD = { share: 0.85, longestLossMs: 160, longestSilenceMs: 100, stretchMs: 200 }

function checkUnderstood(name: SpeechName, take: Take, { who, audio }: Heard): string[] {
  const found = understand(audio, soundBytes({ speech: name }))
  if (!found) return [`${who} did not hear ${name}`]
  const { share, longestLossMs, longestSilenceMs, stretchMs } = found
  return [
    ...unless(
      share >= UNDERSTOOD.share,
      `${who} heard ${(share * 100).toFixed(0)} % of ${name} as it was said`,
    ),
    ...unless(
      longestLossMs <= UNDERSTOOD.longestLossMs,
      `${who} missed ${longestLossMs} ms in a row of ${name}`,
    ),
    ...unless(
      longestSilenceMs <= UNDERSTOOD.longestSilenceMs,
      `${who} heard ${longestSilenceMs.toFixed(0)} ms of silence in ${name}`,
    ),
    ...unless(
      Math.abs(stretchMs) <= UNDERSTOOD.stretchMs + stalledMs(take),
      `${who} heard ${name} stretched by ${stretchMs.toFixed(0)} ms`,
    ),
  ]
}

/** What was kept waiting is skipped: so much later, at most, the rest may be. */
function stalledMs({ stalls, carrier, takenAt }: Take): number {
  const [from, to] = [carrier?.answeredAt ?? takenAt, carrier?.byeAt ?? takenAt]
  return stalls
    .filter((stall) => stall.to > from && stall.from < to)
    .reduce((sum, stall) => sum + stall.to - stall.from, 0)
}

/** Complaints that a busy machine can cause: heard again, they are the product's. */
export const isStutter = (complaint: string): boolean =>
  / gaps over 20 ms, | with a pause of /.test(complaint)

const gapWords = (who: string, gaps: { count: number; longestMs: number }): string =>
  `${who} heard ${gaps.count} gaps over 20 ms, the longest ${gaps.longestMs.toFixed(0)} ms`
