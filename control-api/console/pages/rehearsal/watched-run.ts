// A run of the rehearsal as one watches it: read once, then told live (docs/live-events.md). Pure.
import type { GetRehearsalResponse } from '../../api/generated/types.gen.ts'
import type { RehearsalRung } from '../../components/ladder/rehearsal-entries.ts'
import type { LiveMessage } from '../../live/live-feed.ts'

type Run = GetRehearsalResponse
export type Result = Run['scenarios'][number]
type Step = Run['steps'][number]

export interface WatchedRun extends Run {
  /** Scenarios that are being played; one may not have shown anything yet. */
  readonly playing: readonly string[]
}

export const watchedRun = (run: Run): WatchedRun => ({
  ...run,
  playing: [...new Set(run.steps.map(({ scenario }) => scenario))],
})

/** The same run when the message is of something else. */
export function withNews(run: WatchedRun, { type, at, data }: LiveMessage): WatchedRun {
  if (data['run_id'] !== run.run_id) return run
  const scenario = String(data['scenario'])
  switch (type) {
    case 'rehearsal.scenario':
      return {
        ...without(run, scenario),
        playing: [...run.playing.filter((name) => name !== scenario), scenario],
        scenarios: run.scenarios.filter(({ name }) => name !== scenario),
      }
    case 'rehearsal.step':
      return withStep(run, { scenario, entry: data['entry'] as Step['entry'] })
    case 'rehearsal.result': {
      const result = data['result'] as Result
      const others = run.scenarios.filter(({ name }) => name !== result.name)
      return { ...without(run, result.name), scenarios: [...others, result] }
    }
    case 'rehearsal.finished':
      return {
        ...run,
        state: data['state'] as Run['state'],
        ended_at: run.ended_at ?? at,
        playing: [],
      }
    default:
      return run
  }
}

const without = (run: WatchedRun, scenario: string): WatchedRun => ({
  ...run,
  steps: run.steps.filter((step) => step.scenario !== scenario),
  playing: run.playing.filter((name) => name !== scenario),
})

/** What was read and what was told meanwhile may be the same. */
function withStep(run: WatchedRun, step: Step): WatchedRun {
  if (run.scenarios.some(({ name }) => name === step.scenario)) return run
  if (run.steps.some((known) => isSame(known, step))) return run
  const playing = run.playing.includes(step.scenario)
    ? run.playing
    : [...run.playing, step.scenario]
  return { ...run, playing, steps: [...run.steps, step] }
}

const isSame = (one: Step, other: Step): boolean =>
  one.scenario === other.scenario &&
  one.entry.offset_ms === other.entry.offset_ms &&
  one.entry.lane === other.entry.lane &&
  one.entry.direction === other.entry.direction &&
  one.entry.label === other.entry.label

export type ScenarioState = 'waiting' | 'playing' | 'passed' | 'failed' | 'not_played'

export function stateOf(run: WatchedRun, scenario: string): ScenarioState {
  const result = run.scenarios.find(({ name }) => name === scenario)
  if (result) return result.passed ? 'passed' : 'failed'
  if (run.playing.includes(scenario) && run.state === 'running') return 'playing'
  const isOfIt = run.scenario === 'all' || run.scenario === scenario
  return isOfIt && run.state === 'running' ? 'waiting' : 'not_played'
}

/** Its exact ladder once it is over; until then as far as it was seen. */
export function ladderOf(run: WatchedRun, scenario: string): readonly RehearsalRung[] {
  const result = run.scenarios.find(({ name }) => name === scenario)
  if (result) return result.ladder
  return run.steps.flatMap((step) => (step.scenario === scenario ? [step.entry] : []))
}

/** What to look at when nobody chose: what fails, else what is played, else what was played last. */
export function mostInteresting(run: WatchedRun): string | undefined {
  const failed = run.scenarios.find(({ passed }) => !passed)
  if (run.state !== 'running' && failed) return failed.name
  return (
    run.playing[0] ??
    run.scenarios.at(-1)?.name ??
    (run.scenario === 'all' ? undefined : run.scenario)
  )
}
