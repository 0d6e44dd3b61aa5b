// The process and its machine.
import { FRAME_SECONDS } from './buckets.ts'
import { COMPONENTS, OPEN, STOPS } from './labels.ts'
import type { MetricDeclaration } from './metric-declaration.ts'

export const PLATFORM_METRICS = {
  event_loop_lag_seconds: {
    kind: 'gauge',
    labels: { thread: OPEN },
    help: 'Event loop delay, 99th percentile since the last scrape, whoever scraped: two scrapers see each a part of it. Of media workers that of the worst second.',
  },
  gc_pause_seconds: {
    kind: 'histogram',
    labels: { thread: OPEN },
    buckets: FRAME_SECONDS,
    help: 'How long garbage collections held up a thread.',
  },
  media_workers_lost_total: {
    kind: 'counter',
    labels: { reason: ['died', 'stalled'] },
    help: 'Media workers that died or stalled, and took their calls with them.',
  },
  build_info: {
    kind: 'gauge',
    labels: { version: OPEN, node: OPEN },
    help: 'Always 1: the version of voicegate and of Node.',
  },
  component_up: {
    kind: 'gauge',
    labels: { component: COMPONENTS },
    help: '1 while a part works: database, sip-server (embedded or drachtio-server), as /ready asks them, and media-server (FreeSWITCH), where there is one.',
  },
  draining: { kind: 'gauge', help: '1 while it stops and takes no new calls.' },
  previous_stop: {
    kind: 'gauge',
    labels: { how: STOPS },
    help: '1 for how the process before this one on DATA_DIR ended, of those that had been ready: drained, forced (told to stop, and calls were cut off when their time was over), crashed (it did not come to its end, or a defect ended it), or first (none is known).',
  },
  disk_free_bytes: {
    kind: 'gauge',
    labels: { folder: ['data'] },
    help: 'Free space of the disk that DATA_DIR is on, as far as we may use it.',
  },
  disk_size_bytes: {
    kind: 'gauge',
    labels: { folder: ['data'] },
    help: 'Size of the disk that DATA_DIR is on.',
  },
  certificate_not_after_seconds: {
    kind: 'gauge',
    labels: { certificate: ['sip'] },
    help: 'When a certificate that we show expires, as seconds since 1970 (Unix time): that of SIP_TLS_CERT as it was at the start, for a new one is taken by a restart.',
  },
  scrape_failures_total: {
    kind: 'counter',
    help: 'Figures that a scrape asked for in vain: asking failed or took too long, and they stay as they were. The log names them.',
  },
  log_lines_total: {
    kind: 'counter',
    labels: { level: ['warn', 'error', 'fatal'] },
    help: 'Lines of the log that somebody should read, also those that LOG_LEVEL keeps back.',
  },
} as const satisfies Record<string, MetricDeclaration>
