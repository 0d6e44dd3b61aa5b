// What is asked of the history: every filter of the list, as the route takes it and as the bare query has it.
import type { CallFilter } from '../../control-api/calls/call-filter.ts'
import { decodeNumberSearch } from '../../control-api/calls/number-search.ts'
import { seededRandom } from '../../proof/seeded-random.ts'
import { FREQUENT_WORD, NEWEST, numberOf, RARE_WORD } from './random-call.ts'

export interface HistoryQuery {
  readonly name: string
  /** The body of POST /api/calls/search; another one for each asking, where values differ. */
  body(at: number): Readonly<Record<string, string>>
  filter(at: number): CallFilter
}

const DAY_MS = 24 * 3600 * 1000
const day = (at: number): string =>
  new Date(NEWEST - (at % 300) * DAY_MS).toISOString().slice(0, 10)
const numbers = Array.from({ length: 64 }, (_, seed) => numberOf(seededRandom(seed + 1)))
const pick = (at: number): string => numbers[at % numbers.length] ?? ''
const number = (text: string): CallFilter => {
  const search = decodeNumberSearch(text)
  return search === undefined ? {} : { number: search }
}
const span = (at: number): CallFilter => ({
  from: Date.parse(day(at)),
  before: Date.parse(day(at)) + DAY_MS,
})

const fixed = (
  name: string,
  body: Readonly<Record<string, string>>,
  filter: CallFilter,
): HistoryQuery => ({ name, body: () => body, filter: () => filter })

const application = (at: number): string => `application-${at % 200}`

export const HISTORY_QUERIES: readonly HistoryQuery[] = [
  fixed('no filter', {}, {}),
  fixed('provider sip', { provider: 'sip' }, { provider: 'sip' }),
  fixed('provider voximplant', { provider: 'voximplant' }, { provider: 'voximplant' }),
  fixed('direction', { direction: 'inbound' }, { direction: 'inbound' }),
  fixed('status ended', { status: 'ended' }, { status: 'ended' }),
  fixed('status ringing (none)', { status: 'ringing' }, { status: 'ringing' }),
  fixed('outcome answered', { outcome: 'answered' }, { outcome: 'answered' }),
  fixed('outcome failed', { outcome: 'failed' }, { outcome: 'failed' }),
  fixed('fault any', { fault: 'any' }, { fault: 'any' }),
  fixed('fault agent (none)', { fault: 'agent' }, { fault: 'agent' }),
  fixed('review_status', { review_status: 'problem' }, { reviewStatus: 'problem' }),
  {
    name: 'application_id',
    body: (at) => ({ application_id: application(at) }),
    filter: (at) => ({ applicationId: application(at) }),
  },
  fixed('trunk', { trunk: 'carrier-a' }, { trunks: ['carrier-a'] }),
  fixed('trunk (none)', { trunk: 'unused' }, { trunks: ['unused'] }),
  {
    name: 'a day',
    body: (at) => ({ from_date: day(at), to_date: day(at) }),
    filter: span,
  },
  { name: 'whole number', body: (at) => ({ number: pick(at) }), filter: (at) => number(pick(at)) },
  {
    name: 'last four digits',
    body: (at) => ({ number: pick(at).slice(-4) }),
    filter: (at) => number(pick(at).slice(-4)),
  },
  fixed('digits of our own line', { number: '555001' }, number('555001')),
  fixed('a frequent word', { text: FREQUENT_WORD }, { words: [FREQUENT_WORD] }),
  fixed('a rare word', { text: RARE_WORD }, { words: [RARE_WORD] }),
  fixed(
    'two words',
    { text: `${FREQUENT_WORD} ${RARE_WORD}` },
    { words: [FREQUENT_WORD, RARE_WORD] },
  ),
  {
    name: 'day, outcome, direction',
    body: (at) => ({
      from_date: day(at),
      to_date: day(at),
      outcome: 'busy',
      direction: 'outbound',
    }),
    filter: (at) => ({ ...span(at), outcome: 'busy', direction: 'outbound' }),
  },
  {
    name: 'last four digits, a word',
    body: (at) => ({ number: pick(at).slice(-4), text: FREQUENT_WORD }),
    filter: (at) => ({ ...number(pick(at).slice(-4)), words: [FREQUENT_WORD] }),
  },
]
