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
    : `there is no scenario ${name}${suggestion(name, [...names, ...missing])}`
  const lists = `Built: ${names.join(', ')}.\nNot built yet: ${missing.join(', ')}.`
  return { kind: 'refused', reason: `${first}\n${lists}` }
}

/** Only a name that is near: a third of the letters may be wrong. */
function suggestion(name: string, known: readonly string[]): string {
  const isNear = (each: string): boolean =>
    distance(each, name) <= Math.max(each.length, name.length) / 3
  const [nearest] = known
    .filter(isNear)
    .sort((one, other) => distance(one, name) - distance(other, name))
  return nearest === undefined ? '.' : `; did you mean ${nearest}?`
}
