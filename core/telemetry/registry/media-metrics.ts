// RTP and the audio path.
import { FRAME_SECONDS, JITTER_SECONDS } from './buckets.ts'
import { RTP_DIRECTIONS, RTP_REJECTIONS } from './labels.ts'
import type { MetricDeclaration } from './metric-declaration.ts'

export const MEDIA_METRICS = {
  rtp_packets_total: {
    kind: 'counter',
    labels: { direction: RTP_DIRECTIONS },
    help: 'RTP packets.',
  },
  rtp_lost_total: { kind: 'counter', help: 'RTP packets missing from the sequence.' },
  rtp_late_total: { kind: 'counter', help: 'RTP packets that came after their turn.' },
  rtp_rejected_total: {
    kind: 'counter',
    labels: { reason: RTP_REJECTIONS },
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
  recordings_total: {
    kind: 'counter',
    labels: { result: ['stored', 'failed', 'empty'] },
    help: 'Recordings stored, failed, or empty (nothing was said while they ran).',
  },
  rtp_ports_limit: {
    kind: 'gauge',
    help: 'Pairs of RTP ports (RTP, and RTCP above it) in RTP_PORT_MIN to RTP_PORT_MAX: a call holds one, and each rests for 5 s after use.',
  },
} as const satisfies Record<string, MetricDeclaration>
