// Every metric of ours, declared once: name, kind, labels, help, buckets. docs/metrics.md is generated from here.
// Seconds and bytes; never a call id, a number or an address in a label.

interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels?: readonly string[]
  readonly buckets?: readonly number[]
}

/** Ring and talk times. */
const CALL_SECONDS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]
/** Sub-frame latencies: 0.1 ms to 1 s around the 20 ms frame. */
const FRAME_SECONDS = [0.0001, 0.0003, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1]
/** Interarrival jitter: a tenth of a frame to a second. */
const JITTER_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.5, 1]
/** The grades of ITU-T G.107 annex B: 4.34 very satisfied, 4.03 satisfied, 3.6 some, 3.1 many, 2.58 nearly all not. */
const MOS_GRADES = [1.5, 2, 2.58, 3.1, 3.6, 3.8, 4.03, 4.2, 4.34, 4.5]
/** Requests and agent set-up. */
const REQUEST_SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

export const METRICS = {
  calls_total: { kind: 'counter', labels: ['direction', 'trunk', 'outcome'], help: 'Calls ended.' },
  calls_active: { kind: 'gauge', labels: ['direction'], help: 'Calls not yet ended.' },
  call_post_dial_delay_seconds: {
    kind: 'histogram',
    labels: ['trunk'],
    buckets: CALL_SECONDS,
    help: 'INVITE sent to first ringing, early media or answer.',
  },
  call_answer_seconds: {
    kind: 'histogram',
    labels: ['trunk'],
    buckets: CALL_SECONDS,
    help: 'INVITE sent or received to 200 OK.',
  },
  call_duration_seconds: {
    kind: 'histogram',
    labels: ['direction', 'trunk'],
    buckets: CALL_SECONDS,
    help: '200 OK to the end.',
  },
  call_mos: {
    kind: 'histogram',
    labels: ['direction', 'trunk'],
    buckets: MOS_GRADES,
    help: 'Mean opinion score of a call’s audio by the E-model, received and sent, where it is known.',
  },
  sip_responses_total: {
    kind: 'counter',
    labels: ['direction', 'trunk', 'class', 'code'],
    help: 'SIP responses to INVITE received (outbound) or sent (inbound).',
  },
  sip_retransmissions_total: {
    kind: 'counter',
    help: 'SIP messages the embedded server sent again.',
  },
  sip_rejected_total: {
    kind: 'counter',
    labels: ['reason'],
    help: 'SIP messages the embedded server refused or dropped.',
  },
  trunk_registered: {
    kind: 'gauge',
    labels: ['trunk'],
    help: '1 while the carrier’s registrar knows where we are. Of trunks that register.',
  },
  trunk_up: {
    kind: 'gauge',
    labels: ['trunk'],
    help: '1 while the carrier answers our OPTIONS, 0 when it does not. Of trunks that were asked.',
  },
  trunk_failovers_total: {
    kind: 'counter',
    labels: ['trunk'],
    help: 'Calls that this trunk failed and the next one was tried for.',
  },
  agent_sessions_total: {
    kind: 'counter',
    labels: ['result'],
    help: 'Agent sessions ended, by why they ended.',
  },
  agent_sessions_active: { kind: 'gauge', help: 'Agent sessions open now.' },
  agent_sessions_before_answer_total: {
    kind: 'counter',
    help: 'Agent sessions the auditor found opened without or before the 200 OK. Must stay 0.',
  },
  agent_sessions_audit_violations_total: {
    kind: 'counter',
    labels: ['kind'],
    help: 'All that the auditor found wrong with ledgers, by kind. Must stay 0.',
  },
  agent_seconds_total: {
    kind: 'counter',
    help: 'Seconds of agent sessions, upgrade request to close.',
  },
  agent_seconds_avoided_total: {
    kind: 'counter',
    help: 'Seconds an agent opened at the INVITE would have cost before the answer or the failure.',
  },
  agent_open_after_answer_seconds: {
    kind: 'histogram',
    buckets: REQUEST_SECONDS,
    help: '200 OK to the upgrade request of the agent socket.',
  },
  agent_first_audio_seconds: {
    kind: 'histogram',
    buckets: REQUEST_SECONDS,
    help: 'Upgrade request to the first agent audio.',
  },
  agent_close_after_hangup_seconds: {
    kind: 'histogram',
    buckets: REQUEST_SECONDS,
    help: 'BYE received or sent to the agent socket closed.',
  },
  rtp_packets_total: { kind: 'counter', labels: ['direction'], help: 'RTP packets.' },
  rtp_lost_total: { kind: 'counter', help: 'RTP packets missing from the sequence.' },
  rtp_late_total: { kind: 'counter', help: 'RTP packets that came after their turn.' },
  rtp_rejected_total: {
    kind: 'counter',
    labels: ['reason'],
    help: 'Datagrams on RTP ports that were not the caller’s audio.',
  },
  rtp_jitter_seconds: {
    kind: 'histogram',
    buckets: JITTER_SECONDS,
    help: 'Interarrival jitter of the callers’ RTP (RFC 3550), at each report.',
  },
  rtp_ports_in_use: { kind: 'gauge', help: 'RTP ports held by calls, quarantine excluded.' },
  playout_late_frames_total: {
    kind: 'counter',
    help: 'Frames sent more than 5 ms after their own clock.',
  },
  playout_underruns_total: {
    kind: 'counter',
    help: 'Times agent audio ran dry inside an utterance.',
  },
  bridge_uplink_seconds: {
    kind: 'histogram',
    buckets: FRAME_SECONDS,
    help: 'RTP in to WebSocket out.',
  },
  bridge_downlink_seconds: {
    kind: 'histogram',
    buckets: FRAME_SECONDS,
    help: 'First agent audio of an utterance in to RTP out.',
  },
  event_loop_lag_seconds: {
    kind: 'gauge',
    labels: ['thread'],
    help: 'Event loop delay, 99th percentile since the last scrape; of media workers its worst second.',
  },
  gc_pause_seconds: {
    kind: 'histogram',
    labels: ['thread'],
    buckets: FRAME_SECONDS,
    help: 'How long garbage collections held up a thread.',
  },
  media_workers_lost_total: {
    kind: 'counter',
    labels: ['reason'],
    help: 'Media workers that died or stalled, and took their calls with them.',
  },
  recordings_total: {
    kind: 'counter',
    labels: ['result'],
    help: 'Recordings stored, failed, or empty (nothing was said while they ran).',
  },
  vendor_requests_total: {
    kind: 'counter',
    labels: ['vendor', 'operation', 'result'],
    help: 'Requests to vendors.',
  },
  vendor_request_seconds: {
    kind: 'histogram',
    labels: ['vendor', 'operation'],
    buckets: REQUEST_SECONDS,
    help: 'Time of vendor requests.',
  },
  twilio_webhooks_total: {
    kind: 'counter',
    labels: ['kind', 'result'],
    help: 'Webhooks of Twilio by what they are about; failed: it was told to try again.',
  },
  twilio_streams_active: { kind: 'gauge', help: 'Streams of Twilio connected now.' },
  twilio_stream_frames_dropped_total: {
    kind: 'counter',
    labels: ['direction'],
    help: 'Messages of audio that were not passed on: of the caller while there was no agent yet, of the agent because Twilio read too slowly.',
  },
  twilio_stream_errors_total: {
    kind: 'counter',
    labels: ['reason'],
    help: 'Streams of Twilio refused or lost: token, no-start, not-answered, format, no-bridge, malformed, idle.',
  },
  voximplant_webhooks_total: {
    kind: 'counter',
    labels: ['kind', 'result'],
    help: 'Messages of Voximplant scenarios: taken, known (told before), refused (signature, token), failed.',
  },
  voximplant_synced_calls_total: {
    kind: 'counter',
    labels: ['result'],
    help: 'Calls read from the history of Voximplant: new, updated, unchanged, unreadable.',
  },
  media_uploads_total: {
    kind: 'counter',
    labels: ['kind', 'result'],
    help: 'Files sent to us (photo, video, unknown): taken, refused, broken-off, failed.',
  },
  animations_total: {
    kind: 'counter',
    labels: ['provider', 'result'],
    help: 'Photos made to speak that came to their end: done, failed, canceled.',
  },
  animation_submissions_total: {
    kind: 'counter',
    labels: ['provider', 'result'],
    help: 'Requests to animate a photo, each of which may cost money: accepted, repeated, refused, failed, unknown.',
  },
  animations_active: {
    kind: 'gauge',
    labels: ['provider', 'state'],
    help: 'Photos being made to speak, by state.',
  },
  animation_seconds: {
    kind: 'histogram',
    labels: ['provider'],
    help: 'From the request to the stored video.',
    buckets: [10, 30, 60, 120, 300, 600, 1200, 2700, 7200],
  },
  animation_polls_total: {
    kind: 'counter',
    labels: ['provider', 'cause'],
    help: 'Questions to a provider how far it is, by what made us ask: timer, webhook.',
  },
  animation_webhooks_total: {
    kind: 'counter',
    labels: ['provider', 'result'],
    help: 'Messages of the providers: taken, known (told before), unknown (no such job), refused (token, signature).',
  },
  job_runs_total: {
    kind: 'counter',
    labels: ['kind', 'result'],
    help: 'Runs of background jobs: done, again (tried later), parked (given up until an operator retries it).',
  },
  jobs_waiting: { kind: 'gauge', labels: ['kind'], help: 'Background jobs that wait or run.' },
  webhook_deliveries_total: {
    kind: 'counter',
    labels: ['result'],
    help: 'Attempts to deliver outgoing webhooks: delivered, failed (tried again), dead, refused (by the endpoint policy).',
  },
  event_clients: { kind: 'gauge', help: 'Connections of GET /api/events.' },
  event_clients_dropped_total: {
    kind: 'counter',
    labels: ['reason'],
    help: 'Connections of GET /api/events that we ended: slow, dead, chatty, failed, revoked.',
  },
  retention_deleted_total: {
    kind: 'counter',
    labels: ['kind'],
    help: 'Records deleted because their time was over: recordings, transcripts, events, feed, deliveries, requests, numbers.',
  },
  erasures_total: {
    kind: 'counter',
    labels: ['result'],
    help: 'Erasures of a number that came to an end: done, incomplete (the vendor kept something).',
  },
  http_refused_total: {
    kind: 'counter',
    labels: ['reason'],
    help: 'HTTP requests refused before their route ran: rate, lockout, origin, host, size, timeout, header, encoding, malformed, signature (of Twilio); and connections beyond the bound.',
  },
  http_request_seconds: {
    kind: 'histogram',
    labels: ['route', 'method', 'status'],
    buckets: REQUEST_SECONDS,
    help: 'Time of HTTP requests by route.',
  },
} as const satisfies Record<string, MetricDeclaration>

export type MetricName = keyof typeof METRICS
export type MetricDeclarationEntry = MetricDeclaration
