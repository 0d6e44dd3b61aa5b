// Vendors: what they answer and how fast; Twilio, Voximplant, and photos made to speak.
import {
  CountsPerSecond,
  MessagesPerSecond,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { row, type Board } from './board.ts'
import {
  increaseOf,
  quantileOf,
  rateOf,
  shareOf,
  sumOf,
  WHOLE_RANGE,
  BAR,
  WINDOW,
  SHORTEST_BAR,
} from './expressions.ts'
import { above, lines, query, table } from './panels.ts'

const over = WHOLE_RANGE
const NOT_DONE = { result: ['refused', 'failed', 'unknown'] } as const
const OPERATION = ['vendor', 'operation'] as const

const ALL = row('All vendors', [
  lines({
    title: 'Requests by vendor and result',
    description:
      'ok and missing (there is no such thing) are good. refused: our key, plan or request; failed: the vendor or the way to it; unknown: it may have been done.',
    unit: RequestsPerSecond,
    width: 8,
    queries: [
      query(rateOf('vendor_requests_total', { by: ['vendor', 'result'] }), '{{vendor}} {{result}}'),
    ],
  }),
  lines({
    title: 'Requests that were not done',
    description:
      'Share of the requests to a vendor that it refused or failed. Good is 0; above 5 % look at its status page, then at our key and plan.',
    unit: PercentUnit,
    width: 8,
    steps: above(0.01, 0.05),
    queries: [
      query(
        shareOf(
          increaseOf('vendor_requests_total', { over: WINDOW, by: ['vendor'], where: NOT_DONE }),
          increaseOf('vendor_requests_total', { over: WINDOW, by: ['vendor'] }),
        ),
        '{{vendor}}',
      ),
    ],
  }),
  lines({
    title: 'Time of requests by vendor',
    description: '95 of 100 requests took less. A vendor that grows slow fails soon.',
    unit: Seconds,
    width: 8,
    queries: [
      query(
        quantileOf(0.95, 'vendor_request_seconds', { over: WINDOW, by: ['vendor'] }),
        '{{vendor}} p95',
      ),
    ],
  }),
  table({
    title: 'Operations, over the time range',
    description:
      'Requests of each operation, those that were not done, and how long they took. Most first.',
    unit: Short,
    width: 24,
    noValue: 'No request.',
    queries: [
      `${increaseOf('vendor_requests_total', { by: OPERATION, over })} > 0.5`,
      increaseOf('vendor_requests_total', { by: OPERATION, where: { result: 'refused' }, over }),
      increaseOf('vendor_requests_total', { by: OPERATION, where: { result: 'failed' }, over }),
      increaseOf('vendor_requests_total', { by: OPERATION, where: { result: 'unknown' }, over }),
      quantileOf(0.5, 'vendor_request_seconds', { by: OPERATION, over }),
      quantileOf(0.95, 'vendor_request_seconds', { by: OPERATION, over }),
    ],
    columns: [
      { field: 'vendor', title: 'vendor' },
      { field: 'operation', title: 'operation' },
      { field: 'Value #A', title: 'requests', decimals: 0 },
      { field: 'Value #B', title: 'refused', decimals: 0, steps: above(0.5, 5) },
      { field: 'Value #C', title: 'failed', decimals: 0, steps: above(0.5, 5) },
      { field: 'Value #D', title: 'unknown', decimals: 0, steps: above(0.5, 5) },
      { field: 'Value #E', title: 'p50', unit: Seconds },
      { field: 'Value #F', title: 'p95', unit: Seconds },
    ],
    sortBy: { title: 'requests', descending: true },
  }),
])

const TWILIO = row('Twilio', [
  lines({
    title: 'Twilio: webhooks',
    description: 'By what they are about. failed: it was told to try again; the log says why.',
    unit: MessagesPerSecond,
    width: 6,
    queries: [
      query(rateOf('twilio_webhooks_total', { by: ['kind', 'result'] }), '{{kind}} {{result}}'),
    ],
  }),
  lines({
    title: 'Twilio: streams',
    description: 'Streams of audio that are connected: one a call.',
    unit: Short,
    width: 6,
    decimals: 0,
    queries: [query(sumOf('twilio_streams_active', { by: ['instance'] }), '{{instance}}')],
  }),
  lines({
    title: 'Twilio: streams refused or lost',
    description:
      'token: not ours; no-start, malformed, format: not as Twilio documents it; not-answered: before the answer; idle: it fell silent. Good is none.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(increaseOf('twilio_stream_errors_total', { over: BAR, by: ['reason'] }), '{{reason}}'),
    ],
  }),
  lines({
    title: 'Twilio: audio not passed on',
    description:
      'Messages a second: of the caller while there was no agent yet (the first second of a call), of the agent because Twilio read too slowly.',
    unit: MessagesPerSecond,
    width: 6,
    queries: [
      query(
        rateOf('twilio_stream_frames_dropped_total', { by: ['direction'] }),
        'of the {{direction}}',
      ),
    ],
  }),
])

const VOXIMPLANT = row('Voximplant', [
  lines({
    title: 'Voximplant: messages of scenarios',
    description:
      'taken and known (told before) are good. refused: signature or token, so a scenario that was not updated; failed: ours.',
    unit: MessagesPerSecond,
    width: 12,
    queries: [
      query(rateOf('voximplant_webhooks_total', { by: ['kind', 'result'] }), '{{kind}} {{result}}'),
    ],
  }),
  lines({
    title: 'Voximplant: calls read from its history',
    description:
      'new, updated, unchanged, unreadable. unreadable is never good: the log says what was not understood.',
    unit: Short,
    width: 12,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('voximplant_synced_calls_total', { over: BAR, by: ['result'] }),
        '{{result}}',
      ),
    ],
    colors: { unreadable: 'red' },
  }),
])

const BY_PROVIDER = ['provider', 'result'] as const

const MEDIA = row('Photos made to speak', [
  lines({
    title: 'Uploads',
    description:
      'Files sent to us. refused: not what we take; broken-off: the sender went away; failed: our disk or bucket.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('media_uploads_total', { over: BAR, by: ['kind', 'result'] }),
        '{{kind}} {{result}}',
      ),
    ],
  }),
  lines({
    title: 'Being made',
    description:
      'Photos being made to speak, by state. A state that only grows: the provider is behind, or DID_MAX_JOBS and HEYGEN_MAX_JOBS are.',
    unit: Short,
    width: 6,
    decimals: 0,
    queries: [
      query(sumOf('animations_active', { by: ['provider', 'state'] }), '{{provider}} {{state}}'),
    ],
  }),
  lines({
    title: 'Came to their end',
    description: 'done, failed, canceled. failed: the console says what the provider said.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('animations_total', { over: BAR, by: BY_PROVIDER }),
        '{{provider}} {{result}}',
      ),
    ],
  }),
  lines({
    title: 'How long they took',
    description: 'From the request to the stored video: half (p50) and 95 of 100 (p95) took less.',
    unit: Seconds,
    width: 6,
    queries: [
      query(
        quantileOf(0.5, 'animation_seconds', { over: WINDOW, by: ['provider'] }),
        '{{provider}} p50',
      ),
      query(
        quantileOf(0.95, 'animation_seconds', { over: WINDOW, by: ['provider'] }),
        '{{provider}} p95',
      ),
    ],
  }),
  lines({
    title: 'Requests to animate',
    description:
      'Each may cost money. repeated: it was not known whether the first was taken; unknown: it still is not: look at the provider’s own list.',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('animation_submissions_total', { over: BAR, by: BY_PROVIDER }),
        '{{provider}} {{result}}',
      ),
    ],
  }),
  lines({
    title: 'Questions how far it is',
    description:
      'By what made us ask: our timer, or a webhook. Only by timer: the provider’s webhooks do not reach us.',
    unit: CountsPerSecond,
    width: 8,
    queries: [
      query(
        rateOf('animation_polls_total', { over: WINDOW, by: ['provider', 'cause'] }),
        '{{provider}} {{cause}}',
      ),
    ],
  }),
  lines({
    title: 'Messages of the providers',
    description:
      'taken, known (told before), unknown (no such job), refused (token or signature: wrong secret, or not the provider).',
    unit: Short,
    width: 8,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('animation_webhooks_total', { over: BAR, by: BY_PROVIDER }),
        '{{provider}} {{result}}',
      ),
    ],
  }),
])

export const VENDORS: Board = {
  name: 'vendors',
  title: 'Voximplant, Twilio and media',
  description:
    'What vendors answer and how fast, what comes from Twilio and Voximplant, and photos made to speak.',
  rows: [ALL, TWILIO, VOXIMPLANT, MEDIA],
}
