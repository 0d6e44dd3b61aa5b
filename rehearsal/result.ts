// The outcome of a rehearsal as data: what the report prints and `--json` writes. Pure.
import { AFTER_HANG_UP_GOAL_MS, checkTake } from './checks.ts'
import { costOf, sumOf, type Cost } from './cost.ts'
import { rungsOf, type Rung } from './ladder.ts'
import type { Gaps } from './gaps.ts'
import { measure, type Figures } from './measure.ts'
import type { Scenario } from './scenario.ts'
import { checkSound } from './sound-checks.ts'
import { soundQualityOf } from './sound-quality.ts'
import type { Take } from './take.ts'

export interface ScenarioResult {
  readonly name: string
  readonly story: string
  readonly passed: boolean
  readonly failures: readonly string[]
  /** Worth knowing, no failure. */
  readonly notes: readonly string[]
  readonly outcome: string | null
  readonly figures: Figures
  /** How the sound fared, in words; null of a call that was not answered. */
  readonly sound: string | null
  readonly cost: Cost
  readonly ladder: readonly Rung[]
}

export interface RehearsalResult {
  readonly startedAt: string
  readonly durationSeconds: number
  readonly pricePerMinute: number
  readonly scenarios: readonly ScenarioResult[]
  /** What no single scenario can be blamed for. */
  readonly failures: readonly string[]
  readonly total: Cost
  readonly passed: boolean
}

export function judge(scenario: Scenario, take: Take, pricePerMinute: number): ScenarioResult {
  const failures = checkTake(scenario, take)
  const figures = measure(take)
  return {
    name: scenario.name,
    story: scenario.story,
    passed: failures.length === 0,
    failures,
    notes: [...notesOn(figures), ...checkSound(scenario.expect, take).notes],
    outcome: take.call?.outcome ?? null,
    figures,
    sound: soundQualityOf(take),
    cost: costOf(figures, pricePerMinute),
    ladder: rungsOf(take),
  }
}

function notesOn({ agentSecondsAfterHangUp }: Figures): string[] {
  const afterMs = agentSecondsAfterHangUp * 1000
  return afterMs > AFTER_HANG_UP_GOAL_MS
    ? [`the agent closed ${afterMs.toFixed(1)} ms after the hang-up; the goal is 20 ms`]
    : []
}

export function sumUp(
  run: Pick<RehearsalResult, 'startedAt' | 'durationSeconds' | 'pricePerMinute' | 'failures'>,
  scenarios: readonly ScenarioResult[],
): RehearsalResult {
  return {
    ...run,
    scenarios,
    total: sumOf(scenarios.map(({ cost }) => cost)),
    passed: run.failures.length === 0 && scenarios.every(({ passed }) => passed),
  }
}

/** As `--json` writes it: snake_case, units in the names. The shape is in README.md. */
export function toJson(result: RehearsalResult) {
  return {
    format: 1,
    started_at: result.startedAt,
    duration_seconds: round(result.durationSeconds),
    passed: result.passed,
    price_per_minute: result.pricePerMinute,
    currency: 'USD',
    failures: result.failures,
    scenarios: result.scenarios.map(scenarioToJson),
    total: costToJson(result.total),
  }
}

export const scenarioToJson = (scenario: ScenarioResult): unknown => ({
  name: scenario.name,
  passed: scenario.passed,
  failures: scenario.failures,
  notes: scenario.notes,
  outcome: scenario.outcome,
  figures: figuresToJson(scenario.figures),
  cost: costToJson(scenario.cost),
  ladder: scenario.ladder.map(rungToJson),
})

export const rungToJson = ({ offsetMs, lane, direction, label }: Rung): unknown => ({
  offset_ms: round(offsetMs),
  lane,
  direction,
  label,
})

const figuresToJson = (figures: Figures): unknown => ({
  agent_sessions: figures.agentSessions,
  agent_seconds: round(figures.agentSeconds),
  agent_seconds_before_answer: round(figures.agentSecondsBeforeAnswer),
  agent_seconds_after_hang_up: round(figures.agentSecondsAfterHangUp),
  answer_to_agent_ms: roundOrNull(figures.answerToAgentMs),
  agent_audio_to_rtp_ms: roundOrNull(figures.agentAudioToRtpMs),
  caller_gaps: gapsToJson(figures.callerGaps),
  agent_gaps: gapsToJson(figures.agentGaps),
  seconds_from_invite: round(figures.secondsFromInvite),
})

const gapsToJson = ({ count, longestMs, excused }: Gaps): unknown => ({
  count,
  longest_ms: round(longestMs),
  excused,
})

const costToJson = ({ here, openedAtInvite, saved }: Cost): unknown => ({
  here: round(here),
  opened_at_invite: round(openedAtInvite),
  saved: round(saved),
})

/** Microseconds, and millionths of a dollar. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6
const roundOrNull = (value: number | null): number | null => (value === null ? null : round(value))
