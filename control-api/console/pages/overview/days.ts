// Today beside the days before it: what the tiles of the overview say.
import type { GetStatisticsResponse } from '../../api/generated/types.gen.ts'

export type Day = GetStatisticsResponse['items'][number]

export interface Figure {
  readonly calls: number
  /** 0 to 1; null: no call has ended. */
  readonly answerRate: number | null
  readonly talkSeconds: number
  readonly agentSeconds: number
  readonly costMinor: number
}

export const DAYS_BEFORE = 29
const AVERAGED = 7

/** `2026-01-31`, of the viewer. */
export function dayBefore(now: Date, days: number): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

export const figureOf = (day: Day): Figure => ({
  calls: day.calls,
  answerRate: day.answer_rate,
  talkSeconds: day.talk_seconds.sum,
  agentSeconds: day.agent_seconds,
  costMinor: day.cost.amount_minor,
})

/** Of the days up to yesterday that count: those before the first call of all say nothing. Null: there are none. */
export function averageOf(past: readonly Day[]): { figure: Figure; days: number } | null {
  const last = past.slice(-AVERAGED)
  const first = last.findIndex(({ calls }) => calls > 0)
  if (first === -1) return null
  // Weeks of use: a day off counts as one.
  const isYoung = past.slice(0, -AVERAGED).every(({ calls }) => calls === 0)
  const days = isYoung ? last.slice(first) : last
  const sum = (of: (day: Day) => number): number => days.reduce((all, day) => all + of(day), 0)
  const ended = sum(({ calls, live }) => calls - live)
  return {
    days: days.length,
    figure: {
      calls: sum(({ calls }) => calls) / days.length,
      answerRate: ended === 0 ? null : sum(({ answered }) => answered) / ended,
      talkSeconds: sum(({ talk_seconds: { sum: seconds } }) => seconds) / days.length,
      agentSeconds: sum(({ agent_seconds: seconds }) => seconds) / days.length,
      costMinor: sum(({ cost }) => cost.amount_minor) / days.length,
    },
  }
}
