// Media quality: what the caller and the agent hear, and what it is short of.
import {
  CountsPerSecond,
  NoUnit,
  PacketsPerSecond,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { row, type Board } from './board.ts'
import {
  averageOf,
  bucketsOf,
  increaseOf,
  maxOf,
  quantileOf,
  rateOf,
  shareOf,
  shareUpTo,
  sumOf,
  WHOLE_RANGE,
  BAR,
  WINDOW,
  HEATMAP_BAR,
} from './expressions.ts'
import { toCallsOfSeries } from './links.ts'
import { above, below, heatmap, lines, number, query } from './panels.ts'

const over = WHOLE_RANGE

interface During {
  readonly over?: string
}
const received = (during: During = {}): string =>
  increaseOf('rtp_packets_total', { where: { direction: 'received' }, ...during })
const sent = (during: During = {}): string =>
  increaseOf('rtp_packets_total', { where: { direction: 'sent' }, ...during })
/** Of the packets that the far end sent, as far as their numbers tell. */
const lost = (during: During = {}): string => {
  const missing = increaseOf('rtp_lost_total', during)
  return `${missing} / (${missing} + ${received(during)})`
}
const lateFrames = (during: During = {}): string =>
  shareOf(increaseOf('playout_late_frames_total', during), sent(during))

const TOGETHER = row('All calls, over the time range', [
  number({
    title: 'Loss',
    description:
      'RTP packets of the far ends that never came, of those they sent. Below 1 % nobody hears; above 5 % words are lost. Loss is the network between the carrier and us, or a machine that is too busy.',
    unit: PercentUnit,
    width: 3,
    decimals: 2,
    steps: above(0.01, 0.05),
    queries: [query(lost({ over }))],
  }),
  number({
    title: 'Jitter p95',
    description:
      'Interarrival jitter (RFC 3550): 95 of 100 reports were below. Below 20 ms is good; above 40 ms the jitter buffer grows, and the answers come later.',
    unit: Seconds,
    width: 3,
    steps: above(0.02, 0.04),
    queries: [query(quantileOf(0.95, 'rtp_jitter_seconds', { over }))],
  }),
  number({
    title: 'MOS received',
    description:
      'Mean opinion score by the E-model (ITU-T G.107) of what callers sent us. G.711 cannot do better than 4.4; below 3.6 many are dissatisfied.',
    unit: NoUnit,
    width: 3,
    decimals: 2,
    steps: below(3.1, 3.6),
    queries: [query(averageOf('call_mos', { where: { direction: 'received' }, over }))],
  }),
  number({
    title: 'MOS sent',
    description:
      'The same of what we sent, by the reports of the far ends; of calls whose far end sends reports. Below 3.6 many are dissatisfied.',
    unit: NoUnit,
    width: 3,
    decimals: 2,
    steps: below(3.1, 3.6),
    queries: [query(averageOf('call_mos', { where: { direction: 'sent' }, over }))],
  }),
  number({
    title: 'Frames sent late',
    description:
      'Frames sent more than 5 ms after their own clock, of those sent. The goal is below 0.1 %; above, the machine is too busy: see the event loop on the board of the platform.',
    unit: PercentUnit,
    width: 3,
    decimals: 3,
    steps: above(0.001, 0.01),
    queries: [query(lateFrames({ over }))],
  }),
  number({
    title: 'Underruns',
    description:
      'Times that agent audio ran dry inside an utterance: the vendor sent slower than speech. The caller hears a gap. A few an hour are the internet, many are the vendor.',
    unit: Short,
    width: 3,
    decimals: 0,
    queries: [query(increaseOf('playout_underruns_total', { over }))],
  }),
  number({
    title: 'Up p99',
    description:
      'RTP in to WebSocket out: 99 of 100 frames took less. The goal is below 2 ms beyond the grouping of frames (AGENT_FRAME_MS).',
    unit: Seconds,
    width: 3,
    queries: [query(quantileOf(0.99, 'bridge_uplink_seconds', { over }))],
  }),
  number({
    title: 'Down p99',
    description:
      'First agent audio of an utterance in to RTP out: 99 of 100 took less. The goal is below 10 ms.',
    unit: Seconds,
    width: 3,
    steps: above(0.02, 0.05),
    queries: [query(quantileOf(0.99, 'bridge_downlink_seconds', { over }))],
  }),
])

const CALLER = row('From the caller', [
  lines({
    title: 'Loss by time',
    description: 'RTP packets that never came, of those the far ends sent. Good is below 1 %.',
    unit: PercentUnit,
    width: 8,
    steps: above(0.01, 0.05),
    queries: [query(lost(), 'lost')],
  }),
  lines({
    title: 'Jitter',
    description: 'Half of the reports (p50) and 95 of 100 (p95) were below. Good is below 20 ms.',
    unit: Seconds,
    width: 8,
    steps: above(0.02, 0.04),
    queries: [
      query(quantileOf(0.5, 'rtp_jitter_seconds'), 'p50'),
      query(quantileOf(0.95, 'rtp_jitter_seconds'), 'p95'),
    ],
  }),
  lines({
    title: 'Packets that came after their turn',
    description:
      'Of the packets received: too late for the jitter buffer, so the agent did not hear them. Much of it with little loss is jitter beyond the buffer.',
    unit: PercentUnit,
    width: 8,
    steps: above(0.01, 0.05),
    queries: [query(shareOf(increaseOf('rtp_late_total'), received()), 'late')],
  }),
])

const SCORES = row('How it sounds', [
  lines({
    title: 'MOS by trunk',
    description:
      'The average of calls that ended, received and sent, by trunk. One trunk below the others: its network. All below: ours.',
    unit: NoUnit,
    width: 12,
    decimals: 2,
    min: 1,
    max: 5,
    steps: below(3.1, 3.6),
    queries: [
      query(
        averageOf('call_mos', { over: WINDOW, by: ['trunk', 'direction'] }),
        '{{trunk}} {{direction}}',
      ),
    ],
    seriesLinks: [toCallsOfSeries('trunk')],
  }),
  lines({
    title: 'Calls that sound bad',
    description:
      'Share of calls with a MOS of 3.6 or less: many users are dissatisfied (ITU-T G.107 annex B). An average hides them. Good is below 5 %.',
    unit: PercentUnit,
    width: 12,
    steps: above(0.05, 0.2),
    queries: [
      query(
        shareUpTo(3.6, 'call_mos', { over: WINDOW, by: ['trunk', 'direction'] }),
        '{{trunk}} {{direction}}',
      ),
    ],
    seriesLinks: [toCallsOfSeries('trunk')],
  }),
  heatmap({
    title: 'MOS received, calls by grade',
    description:
      'How many calls had which score of what the callers sent. Good is a band at the top.',
    unit: NoUnit,
    width: 12,
    interval: HEATMAP_BAR,
    query: query(bucketsOf('call_mos', { over: BAR, where: { direction: 'received' } }), '{{le}}'),
  }),
  heatmap({
    title: 'MOS sent, calls by grade',
    description:
      'How many calls had which score of what we sent, by the far ends’ reports. Good is a band at the top.',
    unit: NoUnit,
    width: 12,
    interval: HEATMAP_BAR,
    query: query(bucketsOf('call_mos', { over: BAR, where: { direction: 'sent' } }), '{{le}}'),
  }),
])

const BRIDGE = row('Between RTP and the agent', [
  lines({
    title: 'Up: RTP in to agent',
    description:
      'RTP in to WebSocket out: half (p50) and 99 of 100 frames (p99) took less. Goals: 0.3 ms and 2 ms.',
    unit: Seconds,
    width: 6,
    queries: [
      query(quantileOf(0.5, 'bridge_uplink_seconds'), 'p50'),
      query(quantileOf(0.99, 'bridge_uplink_seconds'), 'p99'),
    ],
  }),
  lines({
    title: 'Down: agent to RTP out',
    description:
      'First audio of an utterance in to RTP out: half (p50) and 99 of 100 (p99) took less. Goals: 3 ms and 10 ms.',
    unit: Seconds,
    width: 6,
    queries: [
      query(quantileOf(0.5, 'bridge_downlink_seconds'), 'p50'),
      query(quantileOf(0.99, 'bridge_downlink_seconds'), 'p99'),
    ],
  }),
  lines({
    title: 'Frames sent late, by time',
    description:
      'More than 5 ms after their own clock, of those sent. The goal is below 0.1 %; above, the machine is too busy.',
    unit: PercentUnit,
    width: 6,
    steps: above(0.001, 0.01),
    queries: [query(lateFrames(), 'late')],
  }),
  lines({
    title: 'Underruns a second',
    description:
      'Times that agent audio ran dry inside an utterance. Good is none; many are the vendor or the way to it.',
    unit: CountsPerSecond,
    width: 6,
    queries: [query(rateOf('playout_underruns_total'), 'underruns')],
  }),
])

const PACKETS = row('Packets and ports', [
  lines({
    title: 'RTP packets',
    description:
      'A call is 50 a second each way. Received without sent, or the other way, is sound in one direction only.',
    unit: PacketsPerSecond,
    width: 8,
    queries: [query(rateOf('rtp_packets_total', { by: ['direction'] }), '{{direction}}')],
  }),
  lines({
    title: 'Rejected by reason',
    description:
      'Datagrams on RTP ports that were not the caller’s audio. stranger: from an address that is not the peer; payload-type: a codec that was not agreed; rtcp and event are everyday life.',
    unit: PacketsPerSecond,
    width: 8,
    queries: [query(rateOf('rtp_rejected_total', { by: ['reason'] }), '{{reason}}')],
  }),
  lines({
    title: 'RTP ports',
    description:
      'Pairs that calls hold, and how many there are (dashed), by node. At the limit calls are refused: widen RTP_PORT_MIN to RTP_PORT_MAX.',
    unit: Short,
    width: 8,
    decimals: 0,
    queries: [
      query(sumOf('rtp_ports_in_use', { by: ['instance'] }), '{{instance}}'),
      query(maxOf('rtp_ports_limit', { by: ['instance'] }), '{{instance}} limit'),
    ],
    dashed: 'limit$',
  }),
])

export const MEDIA_QUALITY: Board = {
  name: 'media-quality',
  title: 'Media quality',
  description: 'Loss, jitter, MOS, pacing, underruns, and how long audio takes through the bridge.',
  rows: [TOGETHER, CALLER, SCORES, BRIDGE, PACKETS],
}
