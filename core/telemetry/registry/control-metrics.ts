// The control API: jobs, webhooks, live events, HTTP, privacy.
import { REQUEST_SECONDS } from './buckets.ts'
import { OPEN, HTTP_REFUSALS } from './labels.ts'
import type { MetricDeclaration } from './metric-declaration.ts'

export const CONTROL_METRICS = {
  job_runs_total: {
    kind: 'counter',
    labels: { kind: OPEN, result: ['done', 'again', 'parked'] },
    help: 'Runs of background jobs: done, again (tried later), parked (given up until an operator retries it).',
  },
  jobs_waiting: {
    kind: 'gauge',
    labels: { kind: OPEN },
    help: 'Background jobs that wait or run.',
  },
  webhook_deliveries_total: {
    kind: 'counter',
    labels: { result: ['delivered', 'failed', 'dead', 'refused'] },
    help: 'Attempts to deliver outgoing webhooks: delivered, failed (tried again), dead, refused (by the endpoint policy).',
  },
  event_clients: { kind: 'gauge', help: 'Connections of GET /api/events.' },
  event_clients_dropped_total: {
    kind: 'counter',
    labels: { reason: ['slow', 'dead', 'chatty', 'failed', 'revoked'] },
    help: 'Connections of GET /api/events that we ended: slow, dead, chatty, failed, revoked.',
  },
  retention_deleted_total: {
    kind: 'counter',
    labels: { kind: OPEN },
    help: 'Records deleted because their time was over: recordings, transcripts, events, feed, deliveries, requests, numbers.',
  },
  erasures_total: {
    kind: 'counter',
    labels: { result: ['done', 'incomplete'] },
    help: 'Erasures of a number that came to an end: done, incomplete (the vendor kept something).',
  },
  http_refused_total: {
    kind: 'counter',
    labels: { reason: HTTP_REFUSALS },
    help: 'HTTP requests refused before their route ran: rate, lockout, origin, host, size, timeout, header, encoding, malformed, signature (of Twilio); and connections beyond the bound.',
  },
  http_request_seconds: {
    kind: 'histogram',
    labels: { route: OPEN, method: OPEN, status: OPEN },
    buckets: REQUEST_SECONDS,
    help: 'Time of HTTP requests by route.',
  },
  jobs_oldest_seconds: {
    kind: 'gauge',
    labels: { kind: OPEN },
    help: 'How long the background job that is most overdue has been due without having begun. 0: none is.',
  },
  jobs_parked: {
    kind: 'gauge',
    labels: { kind: OPEN },
    help: 'Background jobs given up until an operator retries them.',
  },
  webhook_deliveries_waiting: {
    kind: 'gauge',
    help: 'Outgoing webhooks not delivered yet; not among them dead ones, and those to endpoints that are disabled.',
  },
  webhook_oldest_seconds: {
    kind: 'gauge',
    help: 'How long the oldest of webhook_deliveries_waiting has waited, since it was made or last replayed. 0: none waits.',
  },
} as const satisfies Record<string, MetricDeclaration>
