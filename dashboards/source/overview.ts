// Overview: is it up, how are the calls, and who is to blame when they are not well.
import {
  CountsPerSecond,
  Dollars,
  NoUnit,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { row, type Board } from './board.ts'
import { RESULT_COLORS, UP_OR_DOWN } from './colors.ts'
import {
  increaseOf,
  minOf,
  orZero,
  quantileOf,
  rateOf,
  scraped,
  shareOf,
  sumOf,
  WHOLE_RANGE,
  BAR,
  WINDOW,
  SHORTEST_BAR,
} from './expressions.ts'
import { toBoard, toCalls } from './links.ts'
import { above, below, lines, number, query, table } from './panels.ts'
import {
  answerRatio,
  calls,
  endedBy,
  failedBy,
  failoverRatio,
  faults,
  networkRatio,
} from './trunk-figures.ts'
import { beforeAnswer, failedSessions, spentOver } from './agent-figures.ts'

const NOW = row('Now', [
  number({
    title: 'Up',
    description:
      'Whether every chosen node answered the last scrape. DOWN: look at the process and its log; calls end with it.',
    unit: NoUnit,
    width: 2,
    queries: [query(`min(${scraped('up')})`)],
    meanings: UP_OR_DOWN,
    steps: below(0.5, 1),
    background: true,
    noValue: 'not scraped',
    links: [toBoard('platform', 'Platform')],
  }),
  number({
    title: 'Alerts firing',
    description:
      'Alerts of dashboards/rules that fire now, of all nodes; not those of other programs in the same Prometheus. 0 is good; else the table below names them, and docs/alerts.md says what to do.',
    unit: NoUnit,
    width: 3,
    decimals: 0,
    queries: [query(orZero('count(ALERTS{alertstate="firing",product="voicegate"})'))],
    steps: above(1, 3),
    background: true,
  }),
  beforeAnswer(4),
  number({
    title: 'Calls now',
    description: 'Calls that have not ended, in and out.',
    unit: Short,
    width: 3,
    decimals: 0,
    queries: [query(sumOf('calls_active'))],
    links: [toBoard('trunks', 'Trunks'), toCalls('Calls')],
  }),
  number({
    title: 'New calls a second',
    description:
      'INVITEs sent and admitted, a second (CPS). Carriers limit it: at the limit they answer 503 or 480.',
    unit: CountsPerSecond,
    width: 3,
    decimals: 2,
    queries: [query(rateOf('call_attempts_total'))],
    links: [toBoard('trunks', 'Trunks')],
  }),
  number({
    title: 'ASR',
    description:
      'Calls answered by a human or a machine, of all that ended in the time range (ITU-T E.411). One call is one call here, however many trunks were tried; by trunk see the board of the trunks. What is good depends on who is called: compare with last week there.',
    unit: PercentUnit,
    width: 3,
    decimals: 1,
    queries: [query(answerRatio(calls, { over: WHOLE_RANGE }))],
    links: [toBoard('trunks', 'Trunks')],
  }),
  number({
    title: 'NER',
    description:
      'Calls that the network did its part for, whoever answered or did not (ITU-T E.425). One call is one call: what a second trunk saved is no failure here. Below 95 % the carrier or we fail calls: see who is to blame.',
    unit: PercentUnit,
    width: 3,
    decimals: 1,
    queries: [query(networkRatio(calls, { over: WHOLE_RANGE }))],
    steps: below(0.9, 0.95),
    links: [toCalls('Calls that failed', 'outcome=failed')],
  }),
  number({
    title: 'Spent in 24 hours',
    description:
      'Agent seconds of the last 24 hours at ELEVENLABS_PRICE_PER_MINUTE. Against the budget: the board of agents and money.',
    unit: Dollars,
    width: 3,
    decimals: 2,
    queries: [query(spentOver('24h'))],
    links: [toBoard('agents-and-money', 'Agents and money')],
  }),
])

const TROUBLE = row('What is wrong', [
  table({
    title: 'Alerts',
    description:
      'What fires, and what will if it goes on (pending). Empty is good. docs/alerts.md says of each what it means, where to look and what to do.',
    unit: NoUnit,
    width: 12,
    noValue: 'No alert.',
    queries: ['ALERTS{product="voicegate"}'],
    columns: [
      { field: 'alertname', title: 'alert' },
      { field: 'severity', title: 'severity' },
      { field: 'alertstate', title: 'state' },
      { field: 'instance', title: 'node' },
      { field: 'trunk', title: 'trunk' },
      { field: 'component', title: 'part' },
      { field: 'kind', title: 'kind' },
      { field: 'thread', title: 'thread' },
    ],
    sortBy: { title: 'state', descending: false },
  }),
  lines({
    title: 'Parts',
    description:
      'The parts that /ready asks about: 1 works, 0 does not, the worst of the nodes. A part that is down refuses new calls; its line in the log says why.',
    unit: NoUnit,
    width: 6,
    queries: [query(minOf('component_up', { by: ['component'] }), '{{component}}')],
    stepped: true,
    decimals: 0,
    max: 1,
    meanings: UP_OR_DOWN,
    links: [toBoard('platform', 'Platform')],
  }),
  lines({
    title: 'Log: lines to read',
    description:
      'Warnings and errors of the log. Errors are ours to mend: read them (docs/operations.md). A few warnings are everyday life.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    queries: [query(increaseOf('log_lines_total', { over: BAR, by: ['level'] }), '{{level}}')],
    stacked: 'sum',
    colors: { fatal: 'dark-red', error: 'red', warn: 'orange' },
  }),
])

const CALLS = row('Calls', [
  lines({
    title: 'Calls at once',
    description:
      'Calls that have not ended, by direction. A fall to 0 in working hours is a failure.',
    unit: Short,
    width: 8,
    decimals: 0,
    queries: [query(sumOf('calls_active', { by: ['direction'] }), '{{direction}}')],
    links: [toCalls('Calls')],
  }),
  lines({
    title: 'New calls a second, by direction',
    description:
      'INVITEs that begin a call (CPS), sent on each trunk that was tried, or received and admitted.',
    unit: CountsPerSecond,
    width: 8,
    queries: [query(rateOf('call_attempts_total', { by: ['direction'] }), '{{direction}}')],
    links: [toBoard('trunks', 'Trunks')],
  }),
  lines({
    title: 'ASR and NER by direction',
    description:
      'Answered calls (ASR), and calls that the network did its part for (NER), each call once. Both fall: carrier or gateway. ASR alone falls: the called, or numbers that are marked as spam.',
    unit: PercentUnit,
    width: 8,
    max: 1,
    queries: [
      query(answerRatio(calls, { by: ['direction'] }), 'ASR {{direction}}'),
      query(networkRatio(calls, { by: ['direction'] }), 'NER {{direction}}'),
    ],
    links: [toBoard('trunks', 'Trunks')],
  }),
])

const ended = endedBy({ by: ['result'] })

const BLAME = row('Who is to blame', [
  lines({
    title: 'How calls ended, by who is responsible',
    description:
      'success; client_error: caller or callee; server_error: us; upstream_error: carrier, network or the agent’s vendor; indeterminate: nobody knows, as after a crash. Much of client_error is busy and no answer. Grown server_error is ours, of grown upstream_error the table says whose.',
    unit: Short,
    width: 12,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [query(ended, '{{result}}')],
    colors: RESULT_COLORS,
    links: [toCalls('Calls that somebody failed', 'fault=any')],
  }),
  table({
    title: 'Failed calls, by who is to blame and why',
    description:
      'Of the time range, without those that caller or callee ended. agent-refused, agent-dropped and agent-silent are the agent’s vendor; all other upstream_error is the carrier or the network, also where we hung up, as for want of an ACK or of audio.',
    unit: Short,
    width: 12,
    decimals: 0,
    noValue: 'None.',
    queries: [`(${faults({ by: ['reason', 'trunk', 'direction'], over: WHOLE_RANGE })}) > 0.5`],
    columns: [
      { field: 'who', title: 'to blame' },
      { field: 'reason', title: 'reason' },
      { field: 'trunk', title: 'trunk' },
      { field: 'direction', title: 'direction' },
      { field: 'Value', title: 'calls', unit: Short, decimals: 0 },
    ],
    sortBy: { title: 'calls', descending: true },
    links: [toCalls('Calls that somebody failed', 'fault=any')],
  }),
  lines({
    title: 'Carrier or network: calls that it failed',
    description:
      'Share of calls by trunk that ended upstream_error, without what the agent’s vendor did; dashed, of the calls that a trunk was asked for, those that it failed and the next one was tried for: callers notice only that it rings later. Above 5 %: look at codes, registration and OPTIONS on the board of the trunks, then call the carrier.',
    unit: PercentUnit,
    width: 8,
    steps: above(0.05, 0.2),
    queries: [
      query(
        shareOf(
          failedBy('carrier or network', { by: ['trunk'] }),
          endedBy({ over: WINDOW, by: ['trunk'] }),
        ),
        '{{trunk}}',
      ),
      query(failoverRatio(), '{{trunk}} went on by the next'),
    ],
    dashed: 'next$',
    links: [
      toBoard('trunks', 'Trunks'),
      toCalls('Calls that carrier or network failed', 'fault=carrier'),
    ],
  }),
  lines({
    title: 'Gateway: calls that we failed',
    description:
      'Share of calls that ended server_error. Good is 0; else the log of those calls says why, and the board of the platform whether the machine is short of something.',
    unit: PercentUnit,
    width: 8,
    softMax: 0.05,
    steps: above(0.005, 0.02),
    queries: [query(shareOf(failedBy('gateway'), endedBy({ over: WINDOW })), 'of all calls')],
    links: [toBoard('platform', 'Platform'), toCalls('Calls that we failed', 'fault=gateway')],
  }),
  lines({
    title: 'Agent: sessions that failed, and first audio',
    description:
      'Share of agent sessions that the vendor refused, dropped or left silent; and 95 of 100 agents spoke within (p95). Good: 0 and below 1.5 s. Else look at the vendor’s status page, and whether the sessions of the plan are used up.',
    unit: PercentUnit,
    width: 8,
    softMax: 0.1,
    queries: [
      query(failedSessions(), 'failed'),
      query(quantileOf(0.95, 'agent_first_audio_seconds', { over: WINDOW }), 'first audio p95'),
    ],
    onTheRight: { pattern: 'first audio', unit: Seconds },
    links: [
      toBoard('agents-and-money', 'Agents and money'),
      toCalls('Calls that the agent failed', 'fault=agent'),
    ],
  }),
])

export const OVERVIEW: Board = {
  name: 'overview',
  title: 'Overview',
  description:
    'Is it up, how are the calls, what do they cost, and who is to blame: carrier, gateway or agent.',
  rows: [NOW, TROUBLE, CALLS, BLAME],
}
