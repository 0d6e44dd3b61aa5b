// Agents and money: that no agent runs too early or too long, how fast it speaks, and what it costs.
import {
  Dollars,
  NoUnit,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { beforeAnswer, failedSessions, savedOver, spentOver } from './agent-figures.ts'
import { row, type Board } from './board.ts'
import {
  bucketsOf,
  increaseOf,
  quantileOf,
  rateOf,
  sumOf,
  WHOLE_RANGE,
  BAR,
  WINDOW,
  SHORTEST_BAR,
  HEATMAP_BAR,
} from './expressions.ts'
import { toBoard, toCalls } from './links.ts'
import { above, heatmap, lines, NONE, number, query } from './panels.ts'

const over = WHOLE_RANGE
const BY_NODE = ['instance'] as const
/** Each node has its own; none was set: no series. */
const BUDGET = `(${sumOf('agent_budget_usd_per_day', { by: BY_NODE })} > 0)`

const PROMISE = row('The promise, and the money', [
  beforeAnswer(5),
  number({
    title: 'Audit violations',
    description:
      'All that the auditor found wrong with the ledgers of calls that ended in the time range. 0 is the only good number; the row below says of which kind, the log of which call.',
    unit: NoUnit,
    width: 4,
    decimals: 0,
    queries: [query(increaseOf('agent_sessions_audit_violations_total', { over }))],
    steps: NONE,
    background: true,
    noValue: 'not scraped',
  }),
  number({
    title: 'Spent',
    description:
      'Agent seconds of the time range at ELEVENLABS_PRICE_PER_MINUTE, as “by our count” in the console’s statistics; its “cost” is what the vendor has billed, where it has told. The vendor’s bill is the truth.',
    unit: Dollars,
    width: 4,
    decimals: 2,
    queries: [query(spentOver(over))],
    links: [toCalls('Answered calls', 'outcome=answered')],
  }),
  number({
    title: 'Saved by the guard',
    description:
      'What agents would have cost more, had they been opened at the INVITE: the time to the answer or the failure of each call, at the same price.',
    unit: Dollars,
    width: 4,
    decimals: 2,
    queries: [query(savedOver(over))],
  }),
  number({
    title: 'Used of the day’s budget',
    description:
      'Spent in the last 24 hours, of AGENT_BUDGET_PER_DAY, which is each node’s own; the worst of the nodes. Above 100 % an alert fires; nothing is blocked. No figure: no budget was set.',
    unit: PercentUnit,
    width: 4,
    decimals: 0,
    steps: above(0.8, 1),
    queries: [query(`max(${spentOver('24h', BY_NODE)} / ${BUDGET})`)],
    noValue: 'no budget',
  }),
  number({
    title: 'Sessions now',
    description: 'Agent sessions that are open, each of which costs money. Never more than calls.',
    unit: Short,
    width: 3,
    decimals: 0,
    queries: [query(sumOf('agent_sessions_active'))],
    links: [toCalls('Calls')],
  }),
])

const MONEY = row('What it costs', [
  lines({
    title: 'Spent an hour',
    description:
      'US dollars an hour at the pace of the last minutes: spent, and saved by the guard. A line that climbs without more calls: calls that do not end, or a price that was changed.',
    unit: Dollars,
    width: 8,
    decimals: 2,
    queries: [
      query(`3600 * ${rateOf('agent_cost_usd_total', { over: WINDOW })}`, 'spent'),
      query(`3600 * ${rateOf('agent_cost_avoided_usd_total', { over: WINDOW })}`, 'saved'),
    ],
    colors: { saved: 'green', spent: 'orange' },
  }),
  lines({
    title: 'Spent in 24 hours, and the budget',
    description:
      'At each time and of each node: US dollars of the 24 hours before it, and AGENT_BUDGET_PER_DAY (dashed, if one is set). Above it: fewer calls, shorter ones, or a larger budget.',
    unit: Dollars,
    width: 8,
    decimals: 2,
    queries: [
      query(spentOver('24h', BY_NODE), '{{instance}}'),
      query(BUDGET, '{{instance}} budget'),
    ],
    dashed: 'budget$',
  }),
  lines({
    title: 'Agent minutes',
    description:
      'Minutes of agent sessions a minute: paid for, and avoided by the guard. Paid for is about the number of sessions that are open.',
    unit: Short,
    width: 8,
    queries: [
      query(rateOf('agent_seconds_total', { over: WINDOW }), 'paid'),
      query(rateOf('agent_seconds_avoided_total', { over: WINDOW }), 'avoided'),
    ],
    colors: { avoided: 'green', paid: 'orange' },
  }),
  number({
    title: 'Paid, in seconds',
    description:
      'Seconds of agent sessions in the time range, upgrade request to close. To hold against the vendor’s bill.',
    unit: Seconds,
    width: 6,
    queries: [query(increaseOf('agent_seconds_total', { over }))],
  }),
  number({
    title: 'Avoided, in seconds',
    description:
      'Seconds that agents opened at the INVITE would have run before the answer or the failure, in the time range.',
    unit: Seconds,
    width: 6,
    queries: [query(increaseOf('agent_seconds_avoided_total', { over }))],
  }),
  number({
    title: 'Spent a session',
    description: 'Spent in the time range, by agent sessions that ended in it.',
    unit: Dollars,
    width: 6,
    decimals: 3,
    queries: [query(`${spentOver(over)} / ${increaseOf('agent_sessions_total', { over })}`)],
  }),
  number({
    title: 'Budget of a day',
    description:
      'AGENT_BUDGET_PER_DAY of the chosen nodes together. It only reports: nothing is blocked.',
    unit: Dollars,
    width: 6,
    decimals: 2,
    queries: [query(`sum(${BUDGET})`)],
    noValue: 'none was set',
  }),
])

const GUARD = row('When agents open and close', [
  lines({
    title: 'Answer to open',
    description:
      '200 OK to the upgrade request of the agent’s socket: half (p50) and 99 of 100 (p99) took less. The goal is below 3 ms; more is a busy event loop.',
    unit: Seconds,
    width: 8,
    steps: above(0.01, 0.1),
    queries: [
      query(quantileOf(0.5, 'agent_open_after_answer_seconds', { over: WINDOW }), 'p50'),
      query(quantileOf(0.99, 'agent_open_after_answer_seconds', { over: WINDOW }), 'p99'),
    ],
    links: [toBoard('platform', 'Platform')],
  }),
  lines({
    title: 'Hang-up to close',
    description:
      'BYE received or sent to the agent’s socket closed: 99 of 100 took less. The goal is below 20 ms; each second of it is paid for.',
    unit: Seconds,
    width: 8,
    steps: above(0.1, 1),
    queries: [
      query(quantileOf(0.5, 'agent_close_after_hangup_seconds', { over: WINDOW }), 'p50'),
      query(quantileOf(0.99, 'agent_close_after_hangup_seconds', { over: WINDOW }), 'p99'),
    ],
  }),
  lines({
    title: 'Audit violations by kind',
    description:
      'What the auditor found wrong, by kind. All lines lie at 0, or somebody paid for nothing: the log names the call.',
    unit: Short,
    width: 8,
    decimals: 0,
    queries: [
      query(
        increaseOf('agent_sessions_audit_violations_total', { over: WINDOW, by: ['kind'] }),
        '{{kind}}',
      ),
    ],
  }),
])

const SESSIONS = row('How sessions go', [
  lines({
    title: 'Sessions open',
    description:
      'Agent sessions that are open. The plan of the vendor and AGENT_MAX_SESSIONS limit them.',
    unit: Short,
    width: 8,
    decimals: 0,
    queries: [query(sumOf('agent_sessions_active', { by: ['instance'] }), '{{instance}}')],
  }),
  lines({
    title: 'Sessions ended, by why',
    description:
      'call-ended, agent-ended and transferred are good. refused, dropped and silent are the vendor; no-ack is the carrier; worker-lost and gateway-crashed are us.',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(increaseOf('agent_sessions_total', { over: BAR, by: ['result'] }), '{{result}}'),
    ],
    colors: {
      'call-ended': 'green',
      'agent-ended': 'light-green',
      transferred: 'blue',
      refused: 'red',
      dropped: 'orange',
      silent: 'yellow',
      'no-ack': 'purple',
      'worker-lost': 'dark-red',
      'gateway-crashed': 'dark-purple',
    },
    links: [toCalls('Calls that the agent failed', 'fault=agent')],
  }),
  lines({
    title: 'Sessions that the vendor failed',
    description:
      'Refused, dropped or silent, of those that ended. Good is 0; above 5 % look at the vendor’s status page and at the limits of the plan.',
    unit: PercentUnit,
    width: 8,
    softMax: 0.1,
    steps: above(0.01, 0.05),
    queries: [query(failedSessions(), 'failed')],
    links: [toCalls('Calls that the agent failed', 'fault=agent')],
  }),
])

const ELEVENLABS = { vendor: 'elevenlabs' } as const

const SPEED = row('How fast it speaks, and the vendor', [
  lines({
    title: 'First audio',
    description:
      'Upgrade request to the first audio of the agent: half (p50) and 95 of 100 (p95) took less. Above 1.5 s callers say hello twice: the vendor, its region, or the agent’s first message. An agent without one waits for the caller: then this is the caller’s time too.',
    unit: Seconds,
    width: 8,
    steps: above(1.5, 3),
    queries: [
      query(quantileOf(0.5, 'agent_first_audio_seconds', { over: WINDOW }), 'p50'),
      query(quantileOf(0.95, 'agent_first_audio_seconds', { over: WINDOW }), 'p95'),
    ],
  }),
  heatmap({
    title: 'First audio, sessions by time',
    description:
      'How many sessions took how long to their first audio. Two bands are two regions or two kinds of agents.',
    unit: Seconds,
    width: 8,
    interval: HEATMAP_BAR,
    query: query(bucketsOf('agent_first_audio_seconds', { over: BAR }), '{{le}}'),
  }),
  lines({
    title: 'Requests to ElevenLabs',
    description:
      'By operation and result. refused is the key or the plan, failed is the vendor or the way to it.',
    unit: RequestsPerSecond,
    width: 8,
    queries: [
      query(
        rateOf('vendor_requests_total', {
          over: WINDOW,
          by: ['operation', 'result'],
          where: ELEVENLABS,
        }),
        '{{operation}} {{result}}',
      ),
    ],
    links: [toBoard('vendors', 'Vendors')],
  }),
])

export const AGENTS_AND_MONEY: Board = {
  name: 'agents-and-money',
  title: 'Agents and money',
  description:
    'That no agent runs before the answer or after the hang-up, how fast agents speak, and what they cost.',
  rows: [PROMISE, MONEY, GUARD, SESSIONS, SPEED],
}
