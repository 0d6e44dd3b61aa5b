// What a key may dial, in one line.
import { number } from '../../../words/amounts.ts'
import { mayDial, type ApiKey } from './key-wish.ts'
import type { SayKeys } from './words.ts'

export function budgetWords({ role, budget }: Pick<ApiKey, 'role' | 'budget'>, say: SayKeys) {
  if (!mayDial(role)) return say('does_not_dial')
  if (budget === null) return say('no_budget')
  const { calls_per_second: second, calls_per_day: day, prefixes = [], trunks = [] } = budget
  return [
    ...(second === undefined ? [] : [say('budget_second', { count: number(second, 2) })]),
    ...(day === undefined ? [] : [say('budget_day', { count: number(day) })]),
    ...(prefixes.length === 0 ? [] : [prefixes.map((one) => `${one}…`).join(', ')]),
    ...(trunks.length === 0 ? [] : [trunks.join(', ')]),
  ].join(' · ')
}
