// The days as a file: RFC 4180, every figure as the API names and counts it, for whatever reckons on with it.
import type { Counts, Statistics } from '../../components/voximplant/shapes.ts'
import { costIn } from './stretches.ts'

const COUNTS = [
  'calls',
  'live',
  'inbound',
  'outbound',
  'answered',
  'machine',
  'no_answer',
  'busy',
  'declined',
  'canceled',
  'failed',
  'talk_seconds',
  'with_transcript',
  'with_recording',
] as const satisfies readonly (keyof Counts)[]

export function csvOf({ items, totals }: Statistics): string {
  const currencies = totals.costs.map(({ currency }) => currency)
  const lineOf = (key: string, counts: Counts): readonly string[] => [
    key,
    ...COUNTS.map((name) => String(counts[name])),
    ...currencies.map((currency) => String(costIn(counts, currency))),
  ]
  const lines = [
    ['day', ...COUNTS, ...currencies.map((currency) => `cost_minor_${currency.toLowerCase()}`)],
    ...items.map((day) => lineOf(day.key, day)),
    lineOf('(total)', totals),
  ]
  return lines.map((line) => `${line.join(',')}\r\n`).join('')
}
