// `--follow`: what happens, as it happens, one JSON object a line, for a program that shows it. The lines are in README.md.
import type { Rung } from './ladder.ts'
import {
  rungToJson,
  scenarioToJson,
  toJson,
  type RehearsalResult,
  type ScenarioResult,
} from './result.ts'

/** Told of each scenario by its name; of one that is played a second time, anew. */
export interface Follower {
  readonly started: (scenario: string) => void
  readonly step: (scenario: string, rung: Rung) => void
  readonly result: (result: ScenarioResult) => void
}

export interface FollowLines extends Follower {
  readonly finished: (result: RehearsalResult) => void
}

export function createFollowLines(print: (line: string) => void): FollowLines {
  const say = (event: string, fields: object): void => print(JSON.stringify({ event, ...fields }))
  return {
    started: (scenario) => say('started', { scenario }),
    step: (scenario, rung) => say('step', { scenario, entry: rungToJson(rung) }),
    result: (result) => say('result', { result: scenarioToJson(result) }),
    // Each was told when it was over.
    finished: (result) => say('finished', { ...toJson(result), scenarios: undefined }),
  }
}
