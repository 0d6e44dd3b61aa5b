// Trunks: the figures by which carriers are judged, for each trunk.
import { CountsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { row, type Board } from './board.ts'
import { OUTCOME_COLORS, UP_OR_DOWN, YES_OR_NO } from './colors.ts'
import {
  averageOf,
  increaseOf,
  minOf,
  quantileOf,
  rateOf,
  shareUpTo,
  sumOf,
  WHOLE_RANGE,
  BAR,
  WINDOW,
  SHORTEST_BAR,
} from './expressions.ts'
import { toCalls, toCallsOfSeries, TO_CALLS_OF_ROW } from './links.ts'
import { above, below, lines, number, query, table } from './panels.ts'
import { LAST_WEEK } from './trunk-history.ts'
import { CODES, LINE } from './trunk-responses.ts'
import { answerRatio, callDuration, endedBy, networkRatio, seizures } from './trunk-figures.ts'

const over = WHOLE_RANGE
const PDD = 'call_post_dial_delay_seconds'
const ANSWER = 'call_answer_seconds'
/** Inbound calls are answered by us. */
const OUTBOUND = { direction: 'outbound' } as const

const TOGETHER = row('All chosen trunks, over the time range', [
  number({
    title: 'Calls ended',
    description: 'Calls of the chosen trunks that ended in the time range, in and out.',
    unit: Short,
    width: 3,
    decimals: 0,
    queries: [query(increaseOf('calls_total', { over }))],
    links: [toCalls('These calls')],
  }),
  number({
    title: 'ASR',
    description:
      'Answer-seizure ratio: calls answered by a human or a machine, of all that ended, and of those that a trunk failed and the next was tried for (ITU-T E.411). Compare it with last week below, not with other carriers.',
    unit: PercentUnit,
    width: 3,
    decimals: 1,
    queries: [query(answerRatio(seizures, { over }))],
    links: [toCalls('Answered calls', 'outcome=answered')],
  }),
  number({
    title: 'NER',
    description:
      'Network effectiveness ratio: calls that the network did its part for, whatever the callee did (ITU-T E.425). A call that went on by the next trunk is a failure of the first. Good is 95 % and more; below, look at the codes.',
    unit: PercentUnit,
    width: 3,
    decimals: 1,
    queries: [query(networkRatio(seizures, { over }))],
    steps: below(0.9, 0.95),
    links: [toCalls('Calls that failed', 'outcome=failed')],
  }),
  number({
    title: 'ACD',
    description:
      'Average call duration, 200 OK to the end. A sudden fall: bad sound, a carrier that answers falsely, or an agent that hangs up.',
    unit: Seconds,
    width: 3,
    decimals: 0,
    queries: [query(callDuration({ over }))],
  }),
  number({
    title: 'PDD p50',
    description:
      'Post-dial delay: half of the outbound calls rang, or had early media, within this time of our INVITE.',
    unit: Seconds,
    width: 3,
    decimals: 2,
    steps: above(2.5, 5),
    queries: [query(quantileOf(0.5, PDD, { over }))],
  }),
  number({
    title: 'PDD p95',
    description:
      '95 of 100 calls rang within this time. Callers give up after ten seconds of silence.',
    unit: Seconds,
    width: 3,
    decimals: 2,
    steps: above(5, 10),
    queries: [query(quantileOf(0.95, PDD, { over }))],
  }),
  number({
    title: 'Answer time p50',
    description:
      'Half of the answered outbound calls were answered within this time of the INVITE.',
    unit: Seconds,
    width: 3,
    decimals: 1,
    queries: [query(quantileOf(0.5, ANSWER, { where: OUTBOUND, over }))],
  }),
  number({
    title: 'Answer time p95',
    description:
      '95 of 100 answered outbound calls were answered within this time. Near 30 s and more are mailboxes and patient ears.',
    unit: Seconds,
    width: 3,
    decimals: 1,
    queries: [query(quantileOf(0.95, ANSWER, { where: OUTBOUND, over }))],
  }),
])

const EACH = row('Each trunk, over the time range', [
  table({
    title: 'Trunks',
    description:
      'One line a trunk. Registered and OPTIONS: now, of trunks that have them, the worst of the nodes. The rest: of the time range; ASR and NER count failovers as failures of their trunk. A click on a name shows its calls in the console.',
    unit: Short,
    width: 24,
    queries: [
      minOf('trunk_registered', { by: ['trunk'] }),
      minOf('trunk_up', { by: ['trunk'] }),
      sumOf('trunk_calls_active', { by: ['trunk'] }),
      sumOf('trunk_calls_limit', { by: ['trunk'] }),
      increaseOf('call_attempts_total', { by: ['trunk'], over }),
      increaseOf('calls_total', { by: ['trunk'], over }),
      answerRatio(seizures, { by: ['trunk'], over }),
      networkRatio(seizures, { by: ['trunk'], over }),
      callDuration({ by: ['trunk'], over }),
      quantileOf(0.5, PDD, { by: ['trunk'], over }),
      quantileOf(0.95, PDD, { by: ['trunk'], over }),
      quantileOf(0.95, ANSWER, { by: ['trunk'], where: OUTBOUND, over }),
      averageOf('call_mos', { by: ['trunk'], where: { direction: 'received' }, over }),
      increaseOf('trunk_failovers_total', { by: ['trunk'], over }),
    ],
    columns: [
      { field: 'trunk', title: 'trunk', links: [TO_CALLS_OF_ROW] },
      { field: 'Value #A', title: 'registered', meanings: YES_OR_NO },
      { field: 'Value #B', title: 'OPTIONS', meanings: UP_OR_DOWN },
      { field: 'Value #C', title: 'calls now', decimals: 0 },
      { field: 'Value #D', title: 'limit', decimals: 0 },
      { field: 'Value #E', title: 'attempts', decimals: 0 },
      { field: 'Value #F', title: 'ended', decimals: 0 },
      { field: 'Value #G', title: 'ASR', unit: PercentUnit, decimals: 1 },
      { field: 'Value #H', title: 'NER', unit: PercentUnit, decimals: 1, steps: below(0.9, 0.95) },
      { field: 'Value #I', title: 'ACD', unit: Seconds, decimals: 0 },
      { field: 'Value #J', title: 'PDD p50', unit: Seconds, decimals: 2, steps: above(2.5, 5) },
      { field: 'Value #K', title: 'PDD p95', unit: Seconds, decimals: 2, steps: above(5, 10) },
      { field: 'Value #L', title: 'answer p95', unit: Seconds, decimals: 1 },
      { field: 'Value #M', title: 'MOS', decimals: 2, steps: below(3.1, 3.6) },
      { field: 'Value #N', title: 'failovers', decimals: 0 },
    ],
    sortBy: { title: 'attempts', descending: true },
  }),
])

const TRUNK_LEGEND = '{{trunk}} {{direction}}'
const BOTH = ['trunk', 'direction'] as const

const ANSWERED = row('Are calls answered', [
  lines({
    title: 'ASR by trunk',
    description:
      'Answered calls of all that ended or failed over, points of five minutes and more. One trunk falls: its carrier. All fall: us, or those who are called.',
    unit: PercentUnit,
    width: 12,
    max: 1,
    queries: [query(answerRatio(seizures, { by: BOTH }), TRUNK_LEGEND)],
    seriesLinks: [toCallsOfSeries('trunk', 'direction')],
  }),
  lines({
    title: 'NER by trunk',
    description:
      'Calls that the network did its part for, of all that ended or failed over. Good is 95 % and more; below, look at the codes.',
    unit: PercentUnit,
    width: 12,
    max: 1,
    steps: below(0.9, 0.95),
    queries: [query(networkRatio(seizures, { by: BOTH }), TRUNK_LEGEND)],
    seriesLinks: [toCallsOfSeries('trunk', 'direction')],
  }),
  lines({
    title: 'Outcomes',
    description:
      'Calls ended, by outcome. A click on one shows those calls in the console. Failed is nobody’s wish: see the codes.',
    unit: Short,
    width: 12,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [query(increaseOf('calls_total', { over: BAR, by: ['outcome'] }), '{{outcome}}')],
    colors: OUTCOME_COLORS,
    seriesLinks: [toCallsOfSeries('outcome')],
    links: [toCalls('Calls that failed', 'outcome=failed')],
  }),
  lines({
    title: 'How calls ended, by trunk and who is responsible',
    description:
      'client_error: caller or callee; server_error: us; upstream_error: the carrier, the network, or the vendor of the agent (Overview says which). Successful ones are left out.',
    unit: Short,
    width: 12,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        endedBy({
          over: BAR,
          by: ['trunk', 'result'],
          where: {
            result: ['client_error', 'server_error', 'upstream_error', 'indeterminate'],
          },
        }),
        '{{trunk}} {{result}}',
      ),
    ],
    seriesLinks: [toCallsOfSeries('trunk')],
  }),
])

const SETUP = row('How fast are calls set up, and how long are they', [
  lines({
    title: 'Post-dial delay by trunk',
    description:
      'INVITE sent to first ringing, early media or answer: half (p50) and 95 of 100 calls (p95) were below. Above 5 s callers give up: ask the carrier about the route.',
    unit: Seconds,
    width: 8,
    steps: above(5, 10),
    queries: [
      query(quantileOf(0.5, PDD, { over: WINDOW, by: ['trunk'] }), '{{trunk}} p50'),
      query(quantileOf(0.95, PDD, { over: WINDOW, by: ['trunk'] }), '{{trunk}} p95'),
    ],
    seriesLinks: [toCallsOfSeries('trunk')],
  }),
  lines({
    title: 'Answer time by trunk',
    description:
      'INVITE to 200 OK, of answered outbound calls: half (p50) and 95 of 100 (p95) were below.',
    unit: Seconds,
    width: 8,
    queries: [
      query(
        quantileOf(0.5, ANSWER, { over: WINDOW, by: ['trunk'], where: OUTBOUND }),
        '{{trunk}} p50',
      ),
      query(
        quantileOf(0.95, ANSWER, { over: WINDOW, by: ['trunk'], where: OUTBOUND }),
        '{{trunk}} p95',
      ),
    ],
    seriesLinks: [toCallsOfSeries('trunk')],
  }),
  lines({
    title: 'ACD and short calls by trunk',
    description:
      'Average length of answered calls, and the share that lasted ten seconds at most. Carriers charge more for many short calls; they also come with bad sound and false answers.',
    unit: Seconds,
    width: 8,
    queries: [
      query(callDuration({ by: ['trunk'] }), '{{trunk}} ACD'),
      query(
        shareUpTo(10, 'call_duration_seconds', { over: WINDOW, by: ['trunk'] }),
        '{{trunk}} short',
      ),
    ],
    onTheRight: { pattern: 'short$', unit: PercentUnit },
  }),
])

const LOAD = row('How much do they carry', [
  lines({
    title: 'New calls a second by trunk',
    description:
      'INVITEs that begin a call (CPS), sent or admitted. The carrier’s limit is in its contract; ours is MAX_OUTBOUND_CALLS_PER_SECOND.',
    unit: CountsPerSecond,
    width: 8,
    queries: [query(rateOf('call_attempts_total', { by: BOTH }), TRUNK_LEGEND)],
  }),
  lines({
    title: 'Calls at once, and the limit',
    description:
      'Calls that a trunk carries, and the most that it may (dashed), of trunks with a limit. At the limit further calls go to the next trunk or are refused: ask for more channels.',
    unit: Short,
    width: 8,
    decimals: 0,
    queries: [
      query(sumOf('trunk_calls_active', { by: ['trunk'] }), '{{trunk}}'),
      query(sumOf('trunk_calls_limit', { by: ['trunk'] }), '{{trunk}} limit'),
    ],
    dashed: 'limit$',
  }),
  lines({
    title: 'Used of the limit',
    description:
      'Calls at once, of those that the trunk may carry. Above 80 % ask for more channels before it is 100 %.',
    unit: PercentUnit,
    width: 8,
    max: 1,
    steps: above(0.8, 0.95),
    queries: [
      query(
        `${sumOf('trunk_calls_active', { by: ['trunk'] })} / ${sumOf('trunk_calls_limit', { by: ['trunk'] })}`,
        '{{trunk}}',
      ),
    ],
  }),
])

export const TRUNKS: Board = {
  name: 'trunks',
  title: 'Trunks',
  description:
    'ASR, NER, ACD, post-dial delay, calls a second and at once, codes and registration of each trunk.',
  rows: [TOGETHER, EACH, ANSWERED, LAST_WEEK, SETUP, LOAD, CODES, LINE],
}
