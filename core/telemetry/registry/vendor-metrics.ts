// Requests to vendors, and what comes from them.
import { REQUEST_SECONDS } from './buckets.ts'
import { OPEN, VENDORS, VENDOR_RESULTS, TWILIO_STREAM_ERRORS } from './labels.ts'
import type { MetricDeclaration } from './metric-declaration.ts'

export const VENDOR_METRICS = {
  vendor_requests_total: {
    kind: 'counter',
    labels: { vendor: VENDORS, operation: OPEN, result: VENDOR_RESULTS },
    help: 'Requests to vendors.',
  },
  vendor_request_seconds: {
    kind: 'histogram',
    labels: { vendor: VENDORS, operation: OPEN },
    buckets: REQUEST_SECONDS,
    help: 'Time of vendor requests.',
  },
  twilio_webhooks_total: {
    kind: 'counter',
    labels: { kind: OPEN, result: ['taken', 'failed'] },
    help: 'Webhooks of Twilio by what they are about; failed: it was told to try again.',
  },
  twilio_streams_active: { kind: 'gauge', help: 'Streams of Twilio connected now.' },
  twilio_stream_frames_dropped_total: {
    kind: 'counter',
    labels: { direction: ['caller', 'agent'] },
    help: 'Messages of audio that were not passed on: of the caller while there was no agent yet, of the agent because Twilio read too slowly.',
  },
  twilio_stream_errors_total: {
    kind: 'counter',
    labels: { reason: TWILIO_STREAM_ERRORS },
    help: 'Streams of Twilio refused or lost: token, no-start, not-answered, format, no-bridge, malformed, idle.',
  },
  voximplant_webhooks_total: {
    kind: 'counter',
    labels: { kind: ['token', 'event'], result: ['taken', 'known', 'refused', 'failed'] },
    help: 'Messages of Voximplant scenarios: taken, known (told before), refused (signature, token), failed.',
  },
  voximplant_synced_calls_total: {
    kind: 'counter',
    labels: { result: ['new', 'updated', 'unchanged', 'unreadable'] },
    help: 'Calls read from the history of Voximplant: new, updated, unchanged, unreadable.',
  },
} as const satisfies Record<string, MetricDeclaration>
