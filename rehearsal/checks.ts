// What must hold in every scenario. Pure: evidence in, complaints in words out.
import { stalledMs } from './gaps.ts'
import { checkLedger } from './ledger-check.ts'
import { hangUpOf, measure } from './measure.ts'
import type { Expectation, Scenario } from './scenario.ts'
import { checkSound } from './sound-checks.ts'
import type { Take } from './take.ts'

/** The agent's socket must be closed this long after the BYE; what is aimed at is AFTER_HANG_UP_GOAL_MS. */
export const AFTER_HANG_UP_ALLOWANCE_MS = 1000
export const AFTER_HANG_UP_GOAL_MS = 20
/** It takes tens of milliseconds: who waits for longer than this, on the phone, hears it. */
const AGENT_WITHIN_MS = 500
const HEARD_WITHIN_MS = 200

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
    ...checkHaste(take),
    ...checkSound(expect, take).complaints,
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

/** Nobody is kept waiting: for the agent after the answer, for its voice after it spoke. */
function checkHaste(take: Take): string[] {
  const { answerToAgentMs, agentAudioToRtpMs } = measure(take)
  const answeredAt = take.carrier?.answeredAt ?? 0
  const spokeAt = take.sessions.find(({ sentAudioAt }) => sentAudioAt.length > 0)?.sentAudioAt[0]
  // A first packet that was kept waiting makes all behind it seem later.
  const isSoon = (ms: number | null, sinceMs: number, withinMs: number): boolean =>
    ms === null || ms <= withinMs + stalledMs(take.stalls, answeredAt, sinceMs + ms)
  return [
    ...unless(
      isSoon(answerToAgentMs, answeredAt, AGENT_WITHIN_MS),
      `the agent was asked for ${String(answerToAgentMs?.toFixed(0))} ms after the answer`,
    ),
    ...unless(
      isSoon(agentAudioToRtpMs, spokeAt ?? 0, HEARD_WITHIN_MS),
      `the agent was heard ${String(agentAudioToRtpMs?.toFixed(0))} ms after it spoke`,
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

/** Complaints that a busy machine can cause: heard again, they are the product's. */
export const isStutter = (complaint: string): boolean =>
  / gaps over 20 ms, | with a pause of /.test(complaint)
