// Control API and jobs: whether it answers, and whether what it promised gets done.
import {
  CountsPerSecond,
  NoUnit,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { row, type Board } from './board.ts'
import {
  countOf,
  countRateOf,
  increaseOf,
  maxOf,
  orZero,
  quantileOf,
  rateOf,
  shareOf,
  sumOf,
  WHOLE_RANGE,
  BAR,
  WINDOW,
  SHORTEST_BAR,
} from './expressions.ts'
import { above, lines, number, query, table } from './panels.ts'

const over = WHOLE_RANGE
const HTTP = 'http_request_seconds'
const BAD_REQUEST = { status: /4../ }
const SERVER_ERROR = { status: /5../ }

const TOGETHER = row('Does it answer, and is the work done', [
  number({
    title: 'Requests a second',
    description: 'HTTP requests that reached a route. Those refused before are below.',
    unit: RequestsPerSecond,
    width: 3,
    queries: [query(countRateOf(HTTP))],
  }),
  number({
    title: 'p99',
    description:
      '99 of 100 requests of the time range took less. Above 1 s look at the table of routes, and at the database’s disk.',
    unit: Seconds,
    width: 3,
    steps: above(0.3, 1),
    queries: [query(quantileOf(0.99, HTTP, { over }))],
  }),
  number({
    title: 'Answered 5xx',
    description:
      'Of all requests of the time range: our fault, or that of a vendor behind it. Good is 0; the log has each with its request.',
    unit: PercentUnit,
    width: 3,
    decimals: 2,
    steps: above(0.001, 0.01),
    queries: [
      query(shareOf(countOf(HTTP, { where: SERVER_ERROR, over }), countOf(HTTP, { over }))),
    ],
  }),
  number({
    title: 'Jobs waiting',
    description:
      'Background jobs that wait or run: transcripts, pushes, syncs, videos. Good: it comes back to 0.',
    unit: Short,
    width: 3,
    decimals: 0,
    queries: [query(sumOf('jobs_waiting'))],
  }),
  number({
    title: 'Most overdue job',
    description:
      'How long the job that is most overdue has been due. Above five minutes nothing takes it: read the log of its kind.',
    unit: Seconds,
    width: 3,
    steps: above(60, 300),
    queries: [query(orZero(maxOf('jobs_oldest_seconds')))],
  }),
  number({
    title: 'Jobs parked',
    description: 'Given up until somebody retries them in the console, under Settings. Good is 0.',
    unit: NoUnit,
    width: 3,
    decimals: 0,
    steps: above(1, 10),
    queries: [query(orZero(sumOf('jobs_parked')))],
  }),
  number({
    title: 'Webhooks waiting',
    description:
      'Outgoing webhooks that are not delivered yet, dead ones not among them. Good: it comes back to 0.',
    unit: Short,
    width: 3,
    decimals: 0,
    queries: [query(sumOf('webhook_deliveries_waiting'))],
  }),
  number({
    title: 'Oldest webhook',
    description:
      'Age of the oldest that is not delivered. Above 15 minutes its endpoint is away: tell who owns it.',
    unit: Seconds,
    width: 3,
    steps: above(300, 900),
    queries: [query(maxOf('webhook_oldest_seconds'))],
  }),
])

const REQUESTS = row('Requests', [
  lines({
    title: 'Requests by status',
    description:
      'HTTP requests a second by status. 401, 403 and 429 in numbers: a wrong key, or somebody who tries keys.',
    unit: RequestsPerSecond,
    width: 8,
    stacked: 'sum',
    queries: [query(countRateOf(HTTP, { by: ['status'] }), '{{status}}')],
  }),
  lines({
    title: 'Time of requests',
    description:
      'Half (p50) and 99 of 100 requests (p99) took less. A p99 that climbs alone: one slow route, see the table.',
    unit: Seconds,
    width: 8,
    steps: above(0.3, 1),
    queries: [query(quantileOf(0.5, HTTP), 'p50'), query(quantileOf(0.99, HTTP), 'p99')],
  }),
  lines({
    title: 'Answered 4xx and 5xx',
    description:
      'Share of the requests. 5xx is ours and should be 0; 4xx is the caller’s: a client that was not updated, a wrong key.',
    unit: PercentUnit,
    width: 8,
    queries: [
      query(
        shareOf(
          countOf(HTTP, { over: WINDOW, where: BAD_REQUEST }),
          countOf(HTTP, { over: WINDOW }),
        ),
        '4xx',
      ),
      query(
        shareOf(
          countOf(HTTP, { over: WINDOW, where: SERVER_ERROR }),
          countOf(HTTP, { over: WINDOW }),
        ),
        '5xx',
      ),
    ],
    colors: { '4xx': 'yellow', '5xx': 'red' },
  }),
  table({
    title: 'Routes, over the time range',
    description: 'Requests, times and errors of each route, busiest first.',
    unit: Short,
    width: 16,
    noValue: 'No request.',
    queries: [
      `${countOf(HTTP, { by: ['route', 'method'], over })} > 0.5`,
      quantileOf(0.5, HTTP, { by: ['route', 'method'], over }),
      quantileOf(0.99, HTTP, { by: ['route', 'method'], over }),
      countOf(HTTP, { by: ['route', 'method'], where: BAD_REQUEST, over }),
      countOf(HTTP, { by: ['route', 'method'], where: SERVER_ERROR, over }),
    ],
    columns: [
      { field: 'route', title: 'route' },
      { field: 'method', title: 'method' },
      { field: 'Value #A', title: 'requests', decimals: 0 },
      { field: 'Value #B', title: 'p50', unit: Seconds },
      { field: 'Value #C', title: 'p99', unit: Seconds, steps: above(0.3, 1) },
      { field: 'Value #D', title: '4xx', decimals: 0 },
      { field: 'Value #E', title: '5xx', decimals: 0, steps: above(0.5, 5) },
    ],
    sortBy: { title: 'requests', descending: true },
  }),
  lines({
    title: 'Refused before the route',
    description:
      'rate and lockout: too many, or wrong keys; origin, host: a page or proxy that is not configured; signature: not Twilio. Many at once are an attack; the log names no address, the proxy does.',
    unit: RequestsPerSecond,
    width: 8,
    queries: [query(rateOf('http_refused_total', { by: ['reason'] }), '{{reason}}')],
  }),
])

const JOBS = row('Background jobs', [
  lines({
    title: 'Waiting by kind',
    description:
      'Jobs that wait or run. A kind that only grows: its vendor is away, or its limit is too low.',
    unit: Short,
    width: 6,
    decimals: 0,
    queries: [query(sumOf('jobs_waiting', { by: ['kind'] }), '{{kind}}')],
  }),
  lines({
    title: 'Overdue by kind',
    description: 'How long the most overdue job of a kind has been due. Good is near 0.',
    unit: Seconds,
    width: 6,
    steps: above(60, 300),
    queries: [query(maxOf('jobs_oldest_seconds', { by: ['kind'] }), '{{kind}}')],
  }),
  lines({
    title: 'Parked by kind',
    description:
      'Given up until somebody retries them in the console. Good is 0; the console says why each failed.',
    unit: Short,
    width: 6,
    decimals: 0,
    queries: [query(orZero(sumOf('jobs_parked', { by: ['kind'] }), 'kind'), '{{kind}}')],
  }),
  lines({
    title: 'Runs by kind and result',
    description:
      'done; again: tried later; parked: given up. Much of again is a vendor that fails.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('job_runs_total', { over: BAR, by: ['kind', 'result'] }),
        '{{kind}} {{result}}',
      ),
    ],
  }),
])

const WEBHOOKS = row('Outgoing webhooks and live events', [
  lines({
    title: 'Webhooks waiting, and the oldest',
    description:
      'How many wait to be delivered, and how old the oldest is. Both climb: an endpoint is away.',
    unit: Short,
    width: 6,
    decimals: 0,
    queries: [
      query(sumOf('webhook_deliveries_waiting'), 'waiting'),
      query(maxOf('webhook_oldest_seconds'), 'age of the oldest'),
    ],
    onTheRight: { pattern: '^age', unit: Seconds },
  }),
  lines({
    title: 'Deliveries by result',
    description:
      'delivered; failed: tried again; dead: given up, retry it in the console; refused: an address that is not allowed.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(increaseOf('webhook_deliveries_total', { over: BAR, by: ['result'] }), '{{result}}'),
    ],
    colors: { delivered: 'green', failed: 'orange', dead: 'red', refused: 'purple' },
  }),
  lines({
    title: 'Live event connections',
    description: 'Open connections of GET /api/events: consoles and programs that follow calls.',
    unit: Short,
    width: 6,
    decimals: 0,
    queries: [query(sumOf('event_clients', { by: ['instance'] }), '{{instance}}')],
  }),
  lines({
    title: 'Live event connections that we ended',
    description:
      'slow and dead: they did not keep up, or went away; chatty: they sent too much; revoked: their key was. Good is few.',
    unit: CountsPerSecond,
    width: 6,
    queries: [query(rateOf('event_clients_dropped_total', { by: ['reason'] }), '{{reason}}')],
  }),
])

const KEEPING = row('Recordings and privacy', [
  lines({
    title: 'Recordings',
    description:
      'stored, failed, empty (nothing was said). failed is never good: the disk or the bucket, see the log.',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [query(increaseOf('recordings_total', { over: BAR, by: ['result'] }), '{{result}}')],
    colors: { stored: 'green', failed: 'red', empty: 'blue' },
  }),
  lines({
    title: 'Deleted by retention',
    description:
      'Records whose time was over, by kind. None for days although RETENTION_DAYS is set: the job does not run.',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        orZero(increaseOf('retention_deleted_total', { over: BAR, by: ['kind'] }), 'kind'),
        '{{kind}}',
      ),
    ],
  }),
  lines({
    title: 'Erasures',
    description:
      'Erasures of a number that came to an end. incomplete: the vendor kept something; its receipt in the console says what.',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [query(increaseOf('erasures_total', { over: BAR, by: ['result'] }), '{{result}}')],
    colors: { done: 'green', incomplete: 'red' },
  }),
])

export const CONTROL_API_AND_JOBS: Board = {
  name: 'control-api-and-jobs',
  title: 'Control API and jobs',
  description:
    'Requests by route, background jobs, outgoing webhooks, live events, recordings and retention.',
  rows: [TOGETHER, REQUESTS, JOBS, WEBHOOKS, KEEPING],
}
