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
    help: 'Event loop delay, 99th percentile since the last scrape.',
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
  http_request_seconds: {
    kind: 'histogram',
    labels: ['route', 'method', 'status'],
    buckets: REQUEST_SECONDS,
    help: 'Time of HTTP requests by route.',
  },
} as const satisfies Record<string, MetricDeclaration>

export type MetricName = keyof typeof METRICS
export type MetricDeclarationEntry = MetricDeclaration
