// What is counted of calls of Voximplant, and how REST shows it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { CountsRow } from './statistics-query.ts'
import { roundTo3 } from '../../view-parts.ts'

const strict = { additionalProperties: false }

export const countsSchema = {
  calls: Type.Integer({ description: 'All of them, those that go on too' }),
  answered: Type.Integer(),
  no_answer: Type.Integer(),
  busy: Type.Integer(),
  failed: Type.Integer(),
  canceled: Type.Integer(),
  declined: Type.Integer(),
  machine: Type.Integer(),
  live: Type.Integer({ description: 'Those that go on' }),
  inbound: Type.Integer(),
  outbound: Type.Integer(),
  talk_seconds: Type.Number({ description: 'From the answer to the end' }),
  costs: Type.Array(Type.Object({ currency: Type.String(), amount_minor: Type.Number() }, strict), {
    description: 'What Voximplant charges, by currency; hundredths of it, to three places',
  }),
  with_transcript: Type.Integer(),
  with_recording: Type.Integer(),
}

type CountsView = Static<ReturnType<typeof Type.Object<typeof countsSchema>>>
type Counted = Exclude<keyof CountsView, 'costs'>

const BY_OUTCOME = {
  answered: 'answered',
  'no-answer': 'no_answer',
  busy: 'busy',
  failed: 'failed',
  canceled: 'canceled',
  declined: 'declined',
  machine: 'machine',
} as const

export class Counts {
  readonly #sums: Record<Counted, number> = {
    ...{ calls: 0, answered: 0, no_answer: 0, busy: 0, failed: 0, canceled: 0, declined: 0 },
    ...{ machine: 0, live: 0, inbound: 0, outbound: 0, talk_seconds: 0 },
    ...{ with_transcript: 0, with_recording: 0 },
  }
  readonly #costs = new Map<string, number>()

  add(row: CountsRow): void {
    const calls = Number(row.calls)
    this.#sums.calls += calls
    this.#sums[row.outcome === null ? 'live' : BY_OUTCOME[row.outcome]] += calls
    this.#sums[row.direction] += calls
    this.#sums.talk_seconds += (row.talk_ms ?? 0) / 1000
    this.#sums.with_transcript += Number(row.transcripts ?? 0)
    this.#sums.with_recording += Number(row.recordings)
    if (row.currency !== null) this.#cost(row.currency, row.cost ?? 0)
  }

  addCounts(other: Counts): void {
    for (const name of Object.keys(this.#sums) as Counted[]) this.#sums[name] += other.#sums[name]
    for (const [currency, cost] of other.#costs) this.#cost(currency, cost)
  }

  view(): CountsView {
    return {
      ...this.#sums,
      talk_seconds: roundTo3(this.#sums.talk_seconds),
      costs: [...this.#costs]
        .toSorted(([one], [other]) => one.localeCompare(other))
        .map(([currency, cost]) => ({ currency, amount_minor: roundTo3(cost * 100) })),
    }
  }

  #cost(currency: string, cost: number): void {
    this.#costs.set(currency, (this.#costs.get(currency) ?? 0) + cost)
  }
}
