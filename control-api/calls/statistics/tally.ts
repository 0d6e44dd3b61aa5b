// What is counted of some calls, and how REST shows it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { CALL_OUTCOMES } from '#core/contracts'
import type { SumsRow } from './statistics-query.ts'
import { nullable, roundTo3 } from '../../view-parts.ts'

const strict = { additionalProperties: false }

const SUMMED = [
  'calls',
  'rang',
  'ring_ms',
  'talked',
  'talk_ms',
  'agent_seconds',
  'counted',
  'usd',
  'told',
  'spared_ms',
  'spared',
  ...CALL_OUTCOMES,
] as const
type Summed = (typeof SUMMED)[number]

const secondsSchema = (what: string, average: string) =>
  Type.Object(
    { sum: Type.Number(), average: nullable(Type.Number(), average) },
    { ...strict, description: what },
  )

export const tallySchema = {
  calls: Type.Integer({ description: 'All of them, those that go on too' }),
  live: Type.Integer({ description: 'Those that go on: nothing else here counts them' }),
  answered: Type.Integer({ description: 'By somebody or by a machine' }),
  answer_rate: nullable(Type.Number(), 'Of the ended ones, 0 to 1; null when there are none'),
  outcomes: Type.Object(
    {
      answered: Type.Integer(),
      no_answer: Type.Integer(),
      busy: Type.Integer(),
      canceled: Type.Integer(),
      declined: Type.Integer(),
      machine: Type.Integer(),
      failed: Type.Integer(),
    },
    { ...strict, description: 'Ended calls by how they ended; together they are all of them' },
  ),
  ring_seconds: secondsSchema(
    'From the first ringing to the answer, or to the end',
    'Of the calls that rang; null when none did',
  ),
  talk_seconds: secondsSchema(
    'From 200 OK to the end',
    'Of the calls that were picked up; null when none was',
  ),
  agent_seconds: Type.Number({ description: 'That agents were open' }),
  cost: Type.Object(
    {
      amount_minor: Type.Integer({
        description:
          'Whole cents: what the vendor charges for the calls it has told of, what we count for the others',
      }),
      currency: Type.Literal('USD'),
      vendor_calls: Type.Integer({ description: 'Calls of which the vendor has told its charge' }),
      counted_minor: Type.Integer({
        description: 'Beside it, all of them by our ledger alone: seconds by price, in whole cents',
      }),
    },
    strict,
  ),
  guard: Type.Object(
    {
      seconds_avoided: Type.Number({
        description:
          'From the INVITE to the answer, or to the end: what an agent opened with the INVITE would have waited',
      }),
      amount_minor: Type.Integer({
        description:
          'That by the price of each call, as it was set then (ELEVENLABS_PRICE_PER_MINUTE)',
      }),
    },
    {
      ...strict,
      description: 'What opening agents at the answer alone has spared; currency of `cost`',
    },
  ),
}

type TallySchema = ReturnType<typeof Type.Object<typeof tallySchema>>
export type TallyView = Static<TallySchema>

export class Tally {
  readonly #sums = new Map<Summed, number>()
  #live = 0

  add(row: SumsRow): void {
    for (const name of SUMMED) this.#sum(name, Number(row[name] ?? 0))
    // Of rows by outcome; no ended call is without one.
    if (row.outcome != null) this.#sum(row.outcome, Number(row.calls))
  }

  addLive(): void {
    this.#live += 1
  }

  addTally(other: Tally): void {
    for (const [name, value] of other.#sums) this.#sum(name, value)
    this.#live += other.#live
  }

  get calls(): number {
    return this.#of('calls') + this.#live
  }

  view(): TallyView {
    const answered = this.#of('answered') + this.#of('machine')
    const ended = this.#of('calls')
    return {
      calls: this.calls,
      live: this.#live,
      answered,
      answer_rate: ended === 0 ? null : Math.round((answered / ended) * 10_000) / 10_000,
      outcomes: {
        answered: this.#of('answered'),
        no_answer: this.#of('no-answer'),
        busy: this.#of('busy'),
        canceled: this.#of('canceled'),
        declined: this.#of('declined'),
        machine: this.#of('machine'),
        failed: this.#of('failed'),
      },
      ring_seconds: viewSeconds(this.#of('ring_ms') / 1000, this.#of('rang')),
      talk_seconds: viewSeconds(this.#of('talk_ms') / 1000, this.#of('talked')),
      agent_seconds: roundTo3(this.#of('agent_seconds')),
      cost: {
        amount_minor: Math.round(this.#of('usd') * 100),
        currency: 'USD',
        vendor_calls: this.#of('told'),
        counted_minor: Math.round((this.#of('counted') / 60) * 100),
      },
      guard: {
        seconds_avoided: roundTo3(this.#of('spared_ms') / 1000),
        amount_minor: Math.round((this.#of('spared') / 60_000) * 100),
      },
    }
  }

  #sum(name: Summed, value: number): void {
    this.#sums.set(name, this.#of(name) + value)
  }

  #of(name: Summed): number {
    return this.#sums.get(name) ?? 0
  }
}

const viewSeconds = (sum: number, of: number): TallyView['ring_seconds'] => ({
  sum: roundTo3(sum),
  average: of === 0 ? null : roundTo3(sum / of),
})
