// Whether what a matcher asks of a label can be true at all.
import type { Values } from './exported.ts'

export interface Matcher {
  readonly label: string
  readonly op: string
  readonly value: string
}

/** Stands for a variable of Grafana, of which nothing is known before it runs. */
export const ANYTHING = 'any_value_at_all'

/** What is wrong with it, if anything. A regular expression is asked alternative by alternative. */
export function wrongWithMatcher(
  { label, op, value }: Matcher,
  values: Values,
): string | undefined {
  if (values === 'open' || value.includes(ANYTHING)) return undefined
  const isPattern = op.endsWith('~')
  const asked = isPattern ? alternativesOf(value) : [value]
  const unknown = asked.find((each) => !values.some((known) => matches(each, known, isPattern)))
  if (unknown !== undefined) return `label ${label} is never "${unknown}"`
  if (label !== 'le') return undefined
  const differs = values.find(
    (bound) => matches(value, bound, isPattern) !== matches(value, inVersion3(bound), isPattern),
  )
  return differs === undefined
    ? undefined
    : `le "${differs}" is "${inVersion3(differs)}" in Prometheus 3: match both`
}

const matches = (asked: string, known: string, isPattern: boolean): boolean =>
  isPattern ? new RegExp(`^(?:${asked})$`).test(known) : asked === known

/** It normalises bounds when it scrapes them (https://prometheus.io/docs/prometheus/3.0/migration/). */
const inVersion3 = (bound: string): string => (/^\d+$/.test(bound) ? `${bound}.0` : bound)

/** Those of the outermost `|`; brackets around all of them do not count. */
function alternativesOf(pattern: string): readonly string[] {
  const parts = pattern.match(/\\.|[^\\]/gs) ?? []
  const found: string[] = []
  let depth = 0
  let current = ''
  for (const part of parts) {
    if (part === '(') depth += 1
    if (part === ')') depth -= 1
    if (part !== '|' || depth > 0) current += part
    else {
      found.push(current)
      current = ''
    }
  }
  found.push(current)
  const inner = /^\((?:\?:)?([^()]*)\)$/.exec(current)?.[1]
  return found.length === 1 && inner !== undefined ? alternativesOf(inner) : found
}
