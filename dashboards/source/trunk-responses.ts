// What carriers answer, and whether they are there: rows of the board of the trunks.
import { MessagesPerSecond, NoUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { row } from './board.ts'
import { UP_OR_DOWN, YES_OR_NO } from './colors.ts'
import { increaseOf, minOf, rateOf, WHOLE_RANGE, BAR, SHORTEST_BAR } from './expressions.ts'
import { toCallsOfSeries, TO_CALLS_OF_ROW } from './links.ts'
import { lines, query, table } from './panels.ts'

const over = WHOLE_RANGE

export const CODES = row('What do they answer', [
  lines({
    title: 'Responses to INVITE by class',
    description:
      'Received for outbound calls, sent for inbound ones. 4xx are mostly callees, 5xx networks and 6xx refusals.',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'percent',
    queries: [query(increaseOf('sip_responses_total', { over: BAR, by: ['class'] }), '{{class}}')],
    colors: {
      '1xx': 'light-blue',
      '2xx': 'green',
      '3xx': 'purple',
      '4xx': 'yellow',
      '5xx': 'red',
      '6xx': 'orange',
    },
  }),
  lines({
    title: 'Failures by trunk and code',
    description:
      '486 and 603: the callee. 404, 484: the number. 401, 403, 407: our account or address. 408, 480: nobody there. 500, 502, 503: the carrier, or its limit.',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('sip_responses_total', {
          over: BAR,
          by: ['trunk', 'direction', 'code'],
          where: { class: ['3xx', '4xx', '5xx', '6xx'] },
        }),
        '{{code}} {{trunk}} {{direction}}',
      ),
    ],
    seriesLinks: [toCallsOfSeries('trunk', 'direction')],
  }),
  table({
    title: 'Failures by code, over the time range',
    description:
      'Which codes a trunk answered or got, most first. Ask the carrier with the code, the trunk and one call of the console.',
    unit: Short,
    width: 8,
    decimals: 0,
    noValue: 'None.',
    queries: [
      `${increaseOf('sip_responses_total', { by: ['trunk', 'direction', 'code'], where: { class: ['3xx', '4xx', '5xx', '6xx'] }, over })} > 0.5`,
    ],
    columns: [
      { field: 'code', title: 'code' },
      { field: 'trunk', title: 'trunk', links: [TO_CALLS_OF_ROW] },
      { field: 'direction', title: 'direction' },
      { field: 'Value', title: 'responses', unit: Short, decimals: 0 },
    ],
    sortBy: { title: 'responses', descending: true },
  }),
])

export const LINE = row('Are they there', [
  lines({
    title: 'Registered',
    description:
      '1 while the carrier’s registrar knows where we are, of trunks that register, the worst of the nodes. 0: no calls come in. Look for 401, 403 or no answer in the log.',
    unit: NoUnit,
    width: 6,
    stepped: true,
    decimals: 0,
    max: 1,
    meanings: YES_OR_NO,
    queries: [query(minOf('trunk_registered', { by: ['trunk'] }), '{{trunk}}')],
  }),
  lines({
    title: 'OPTIONS answered',
    description:
      '1 while the carrier answers our OPTIONS, of trunks that are asked, the worst of the nodes. 0: calls go to the next trunk.',
    unit: NoUnit,
    width: 6,
    stepped: true,
    decimals: 0,
    max: 1,
    meanings: UP_OR_DOWN,
    queries: [query(minOf('trunk_up', { by: ['trunk'] }), '{{trunk}}')],
  }),
  lines({
    title: 'Failovers',
    description:
      'Calls that this trunk failed and the next one was tried for. Good is none: the carrier of the trunk that is named failed them.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [query(increaseOf('trunk_failovers_total', { by: ['trunk'] }), '{{trunk}}')],
  }),
  lines({
    title: 'Retransmissions and refusals',
    description:
      'SIP messages that we sent again (the network loses them, or the carrier is slow), and messages that we refused or dropped, by reason, of all trunks. Strangers are scanners, or a carrier whose address is not in the trunks file.',
    unit: MessagesPerSecond,
    width: 6,
    queries: [
      query(rateOf('sip_retransmissions_total'), 'sent again'),
      query(rateOf('sip_rejected_total', { by: ['reason'] }), '{{reason}}'),
    ],
  }),
])
