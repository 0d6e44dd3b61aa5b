// The days of the statistics as charts show them: as they are, or in weeks where there are too many. Pure.
import type { Counts, DayCounts } from '../../components/voximplant/shapes.ts'
import { mondayOf } from '../statistics/orders/stretches.ts'

/** Of whole days, both inclusive. */
export interface Stretch extends Counts {
  readonly first: string
  readonly last: string
}

export function stretchesOf(days: readonly DayCounts[], by: 'day' | 'week'): readonly Stretch[] {
  const found = new Map<string, Stretch>()
  for (const day of days) {
    const name = by === 'day' ? day.key : mondayOf(day.key)
    const before = found.get(name)
    found.set(name, {
      ...(before ? sumOf(before, day) : day),
      first: before?.first ?? day.key,
      last: day.key,
    })
  }
  return [...found.values()]
}

function sumOf(one: Counts, other: Counts): Counts {
  const { costs } = one
  const currencies = [...costs, ...other.costs].map(({ currency }) => currency)
  return {
    calls: one.calls + other.calls,
    answered: one.answered + other.answered,
    no_answer: one.no_answer + other.no_answer,
    busy: one.busy + other.busy,
    failed: one.failed + other.failed,
    canceled: one.canceled + other.canceled,
    declined: one.declined + other.declined,
    machine: one.machine + other.machine,
    live: one.live + other.live,
    inbound: one.inbound + other.inbound,
    outbound: one.outbound + other.outbound,
    talk_seconds: one.talk_seconds + other.talk_seconds,
    with_transcript: one.with_transcript + other.with_transcript,
    with_recording: one.with_recording + other.with_recording,
    costs: [...new Set(currencies)].map((currency) => {
      return { currency, amount_minor: costIn(one, currency) + costIn(other, currency) }
    }),
  }
}

export const costIn = ({ costs }: Pick<Counts, 'costs'>, currency: string): number =>
  costs.find((one) => one.currency === currency)?.amount_minor ?? 0
