// Which scenarios a name asks for: all, one, or a refusal that says what could have been meant. Pure.
import { distance } from 'fastest-levenshtein'
import type { Scenario } from './scenario.ts'
import { NOT_BUILT } from './scenarios.ts'

export type Chosen =
  | { readonly kind: 'chosen'; readonly scenarios: readonly Scenario[] }
  | { readonly kind: 'refused'; readonly reason: string }

export function chooseScenarios(built: readonly Scenario[], names: readonly string[]): Chosen {
  for (const name of names) {
    if (!built.some((scenario) => scenario.name === name)) return refuse(built, name)
  }
  const wanted = names.length === 0 ? built : built.filter(({ name }) => names.includes(name))
  return { kind: 'chosen', scenarios: wanted }
}

function refuse(built: readonly Scenario[], name: string): Chosen {
  const names = built.map((scenario) => scenario.name)
  const missing = NOT_BUILT.filter((each) => !names.includes(each))
  const first = missing.includes(name)
    ? `the scenario ${name} is not built yet.`
    : `there is no scenario ${name}; did you mean ${nearest(name, [...names, ...missing])}?`
  const lists = `Built: ${names.join(', ')}.\nNot built yet: ${missing.join(', ')}.`
  return { kind: 'refused', reason: `${first}\n${lists}` }
}

const nearest = (name: string, known: readonly string[]): string =>
  known.reduce((best, each) => (distance(each, name) < distance(best, name) ? each : best))
