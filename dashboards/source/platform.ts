// Platform: the process, its machine, and what it is short of.
import {
  BytesIEC,
  DurationSeconds,
  NoUnit,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { closedRow, row, type Board } from './board.ts'
import { NO_OR_YES, UP_OR_DOWN } from './colors.ts'
import { drachtioPanels } from './drachtio.ts'
import {
  BAR,
  countRateOf,
  eachOf,
  increaseOf,
  maxOf,
  minOf,
  quantileOf,
  scraped,
  SHORTEST_BAR,
  sumOf,
  timeShareOf,
  WHOLE_RANGE,
} from './expressions.ts'
import { above, below, lines, NONE, number, query } from './panels.ts'

const over = WHOLE_RANGE
const THREAD = ['instance', 'thread'] as const
const THREAD_LEGEND = '{{instance}} {{thread}}'
const NODE = ['instance'] as const
const DAY = 86_400

/** Of what there is. */
const used = (part: string, whole: string): string => `${part} / ${whole}`

const STATE = row('What runs', [
  number({
    title: 'Version',
    description:
      'The version of voicegate and of Node on each chosen node. Two versions for long: an upgrade that was not finished.',
    unit: NoUnit,
    width: 5,
    shown: 'name',
    queries: [
      query(maxOf('build_info', { by: ['version', 'node'] }), '{{version}} on Node {{node}}'),
    ],
  }),
  number({
    title: 'Runs for',
    description:
      'Since its start, the youngest of the nodes. Shorter than you expected: see how the one before it ended.',
    unit: DurationSeconds,
    width: 4,
    decimals: 0,
    queries: [query(`time() - max(${scraped('process_start_time_seconds')})`)],
  }),
  number({
    title: 'Starts',
    description:
      'Starts of the process in the time range, each also a purple line on every panel. More than you asked for: it crashes.',
    unit: NoUnit,
    width: 3,
    decimals: 0,
    queries: [query(`sum(changes(${scraped('process_start_time_seconds')}[$__range]))`)],
  }),
  number({
    title: 'How the one before ended',
    description:
      'drained: calls were let finish. forced: calls were cut off, raise DRAIN_SECONDS. crashed: read the end of its log. first: there was none.',
    unit: NoUnit,
    width: 4,
    shown: 'name',
    queries: [query(`${maxOf('previous_stop', { by: ['how'] })} == 1`, '{{how}}')],
  }),
  number({
    title: 'Draining',
    description: '1 while a node stops and takes no new calls.',
    unit: NoUnit,
    width: 2,
    decimals: 0,
    queries: [query(maxOf('draining'))],
    meanings: NO_OR_YES,
  }),
  number({
    title: 'Media workers lost',
    description:
      'Media workers that died or stalled in the time range, each with its calls. 0 is good; else the log has the reason.',
    unit: NoUnit,
    width: 3,
    decimals: 0,
    steps: NONE,
    queries: [query(increaseOf('media_workers_lost_total', { over }))],
  }),
  number({
    title: 'Certificate, days left',
    description:
      'Until SIP_TLS_CERT expires, the first of the nodes. Below 14 days renew it and restart: it is read at the start. No figure: no TLS.',
    unit: NoUnit,
    width: 3,
    decimals: 0,
    steps: below(7, 14),
    queries: [query(`(${minOf('certificate_not_after_seconds')} - time()) / ${DAY}`)],
    noValue: 'no TLS',
  }),
])

const PARTS = row('Its parts', [
  number({
    title: 'Parts now',
    description:
      'What /ready asks about, the worst of the nodes. DOWN: new calls are refused; its line in the log says why.',
    unit: NoUnit,
    width: 16,
    shown: 'both',
    meanings: UP_OR_DOWN,
    queries: [query(minOf('component_up', { by: ['component'] }), '{{component}}')],
  }),
  number({
    title: 'Disk free',
    description:
      'Of the disk that DATA_DIR is on, with the database and recordings; the fullest of the nodes. Below 10 % shorten RETENTION_DAYS or add space.',
    unit: PercentUnit,
    width: 8,
    decimals: 0,
    steps: below(0.1, 0.2),
    queries: [query(`min(${used(eachOf('disk_free_bytes'), eachOf('disk_size_bytes'))})`)],
  }),
])

const POWER = row('Processor and event loop', [
  lines({
    title: 'Processor',
    description:
      'Cores in use, all threads, and the part in the kernel. Near the number of cores audio comes late.',
    unit: Short,
    width: 6,
    queries: [
      query(
        `sum by (instance) (rate(${scraped('process_cpu_seconds_total')}[$__rate_interval]))`,
        '{{instance}}',
      ),
      query(
        `sum by (instance) (rate(${scraped('process_cpu_system_seconds_total')}[$__rate_interval]))`,
        '{{instance}} kernel',
      ),
    ],
  }),
  lines({
    title: 'Event loop delay by thread',
    description:
      'p99 since the last scrape; of media workers the worst second. Good is below 20 ms, a frame; above 100 ms calls suffer: too many calls, or a long garbage collection.',
    unit: Seconds,
    width: 6,
    steps: above(0.02, 0.1),
    queries: [query(maxOf('event_loop_lag_seconds', { by: THREAD }), THREAD_LEGEND)],
  }),
  lines({
    title: 'Garbage collection: pauses',
    description: '99 of 100 pauses of a thread were shorter. Above 20 ms a frame is late.',
    unit: Seconds,
    width: 6,
    steps: above(0.02, 0.1),
    queries: [query(quantileOf(0.99, 'gc_pause_seconds', { by: THREAD }), THREAD_LEGEND)],
  }),
  lines({
    title: 'Garbage collection: time, and how often',
    description:
      'Share of a thread’s time that is spent in pauses, and pauses a second. Above 5 % memory is short, or something leaks.',
    unit: PercentUnit,
    width: 6,
    queries: [
      query(timeShareOf('gc_pause_seconds', { by: THREAD }), THREAD_LEGEND),
      query(countRateOf('gc_pause_seconds'), 'pauses a second'),
    ],
    onTheRight: { pattern: '^pauses', unit: Short },
  }),
])

const ROOM = row('Memory, descriptors, ports, disk', [
  lines({
    title: 'Memory',
    description:
      'Resident, and the JavaScript heap of the main thread in use. Steady growth over days without more calls is a leak.',
    unit: BytesIEC,
    width: 6,
    queries: [
      query(`max by (instance) (${scraped('process_resident_memory_bytes')})`, '{{instance}}'),
      query(`max by (instance) (${scraped('nodejs_heap_size_used_bytes')})`, '{{instance}} heap'),
    ],
  }),
  lines({
    title: 'Descriptors, of the limit',
    description:
      'Open files and sockets, some five a call, of those allowed (LimitNOFILE). Above 80 % raise it.',
    unit: PercentUnit,
    width: 6,
    max: 1,
    steps: above(0.8, 0.95),
    queries: [query(used(scraped('process_open_fds'), scraped('process_max_fds')), '{{instance}}')],
  }),
  lines({
    title: 'RTP ports, of the limit',
    description:
      'Pairs that calls hold, of those in the configuration. Above 80 % widen RTP_PORT_MIN to RTP_PORT_MAX.',
    unit: PercentUnit,
    width: 6,
    max: 1,
    steps: above(0.8, 0.95),
    queries: [
      query(
        used(sumOf('rtp_ports_in_use', { by: NODE }), sumOf('rtp_ports_limit', { by: NODE })),
        '{{instance}}',
      ),
    ],
  }),
  lines({
    title: 'Disk',
    description:
      'Free space of the disk that DATA_DIR is on, and its size (dashed). A straight fall tells the day it is full.',
    unit: BytesIEC,
    width: 6,
    queries: [
      query(minOf('disk_free_bytes', { by: NODE }), '{{instance}}'),
      query(minOf('disk_size_bytes', { by: NODE }), '{{instance}} size'),
    ],
    dashed: 'size$',
  }),
])

const WATCHED = row('Log, and the watching itself', [
  lines({
    title: 'Log lines by node',
    description: 'Lines that somebody should read: warn, error, fatal. Errors are ours to mend.',
    unit: Short,
    width: 6,
    decimals: 0,
    interval: SHORTEST_BAR,
    stacked: 'sum',
    queries: [
      query(
        increaseOf('log_lines_total', { by: ['instance', 'level'], over: BAR }),
        '{{instance}} {{level}}',
      ),
    ],
    colors: { fatal$: 'dark-red', error$: 'red', warn$: 'orange' },
  }),
  lines({
    title: 'Workers lost by reason',
    description:
      'Media workers that died or stalled, and took their calls with them. Any bar is one too many.',
    unit: Short,
    width: 6,
    decimals: 0,
    stacked: 'sum',
    interval: SHORTEST_BAR,
    queries: [
      query(increaseOf('media_workers_lost_total', { by: ['reason'], over: BAR }), '{{reason}}'),
    ],
  }),
  lines({
    title: 'Figures that could not be had',
    description:
      'What a scrape asked for in vain: such a figure stays as it was, or is missing. Good is none; the log names it, once a minute.',
    unit: Short,
    width: 6,
    decimals: 0,
    stacked: 'sum',
    interval: SHORTEST_BAR,
    queries: [query(increaseOf('scrape_failures_total', { by: NODE, over: BAR }), '{{instance}}')],
  }),
  lines({
    title: 'Scrapes',
    description:
      'How long Prometheus waited for /metrics, and how many figures there were. Above a second, or ever more figures: tell us.',
    unit: Seconds,
    width: 6,
    queries: [
      query(scraped('scrape_duration_seconds'), '{{instance}}'),
      query(scraped('scrape_samples_scraped'), '{{instance}} figures'),
    ],
    onTheRight: { pattern: 'figures$', unit: Short },
  }),
])

export const PLATFORM: Board = {
  name: 'platform',
  title: 'Platform',
  description:
    'Processor, memory, event loop, ports, disk, certificate, and how the process before this one ended.',
  rows: [
    STATE,
    PARTS,
    POWER,
    ROOM,
    WATCHED,
    closedRow('SIP server (drachtio-server, where DRACHTIO_HOST names one)', drachtioPanels),
  ],
}
