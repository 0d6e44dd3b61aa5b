// This week against the last, by the recording rules (rules/recording.yml): a row of the board of the trunks. The rules
// of ratios are of all nodes, for a carrier is one whichever node it talks to.
import { CountsPerSecond, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { row } from './board.ts'
import { lines, query, type Query } from './panels.ts'

const TRUNKS = 'trunk=~"$trunk"'
const LEGEND = '{{trunk}} {{direction}}'

const now = (rule: string): Query => query(`${rule}{${TRUNKS}}`, LEGEND)
const weekBefore = (rule: string): Query =>
  query(`${rule}{${TRUNKS}} offset 1w`, `${LEGEND} a week before`)

const attempts = (offset: string): string =>
  `sum by (trunk, direction) (voicegate:call_attempts:rate5m{instance=~"$node",${TRUNKS}}${offset})`

const BEFORE_IS_DASHED = { dashed: 'a week before$' } as const

export const LAST_WEEK = row('Against the same time of last week (recording rules)', [
  lines({
    title: 'ASR, and a week before',
    description:
      'The hour that ends at each point, the same hour of last week (dashed), and the last quarter of an hour. The alert AsrDrop compares the hours. Nothing dashed: the rules are younger than a week.',
    unit: PercentUnit,
    width: 8,
    max: 1,
    queries: [
      now('voicegate:asr:ratio1h'),
      weekBefore('voicegate:asr:ratio1h'),
      query(`voicegate:asr:ratio15m{${TRUNKS}}`, `${LEGEND} quarter`),
    ],
    ...BEFORE_IS_DASHED,
  }),
  lines({
    title: 'ACD, and a week before',
    description:
      'Average length of the answered calls of an hour, and of the same hour of last week (dashed). Much shorter now: bad sound, or a route that answers falsely.',
    unit: Seconds,
    width: 8,
    queries: [now('voicegate:acd:seconds1h'), weekBefore('voicegate:acd:seconds1h')],
    ...BEFORE_IS_DASHED,
  }),
  lines({
    title: 'New calls a second, and a week before',
    description:
      'INVITEs that begin a call over five minutes, and those of last week (dashed). Far fewer inbound ones: the carrier does not find us, see registration below.',
    unit: CountsPerSecond,
    width: 8,
    queries: [
      query(attempts(''), LEGEND),
      query(attempts(' offset 1w'), `${LEGEND} a week before`),
    ],
    ...BEFORE_IS_DASHED,
  }),
])
