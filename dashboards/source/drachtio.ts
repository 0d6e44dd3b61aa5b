// What drachtio-server tells of itself, by the names in its source (src/drachtio.h, 0.9.10): those in its own
// docs/prometheus.md are older. FreeSWITCH has no exporter among the modules that freeswitch/ loads: whether it is there
// is component_up.
import { MessagesPerSecond, NoUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { UP_OR_DOWN } from './colors.ts'
import { above, lines, number, query, type PanelPlan } from './panels.ts'

const SERVER = 'job="drachtio"'
const NONE_THERE = 'not scraped'
const rate = (name: string, by: string): string =>
  `sum by (${by}) (rate(${name}{${SERVER}}[$__rate_interval]))`
const quantile = (name: string): string =>
  `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket{${SERVER}}[$__rate_interval])))`

export const drachtioPanels: readonly PanelPlan[] = [
  number({
    title: 'drachtio-server',
    description:
      'Whether its exporter answers (sip-config/drachtio.conf.xml opens it). DOWN: no calls at all; look at its log.',
    unit: NoUnit,
    width: 6,
    queries: [query(`min(up{${SERVER}})`)],
    meanings: UP_OR_DOWN,
    background: true,
    noValue: NONE_THERE,
  }),
  number({
    title: 'drachtio-server: version',
    description: 'As it says. The suite ran against 0.9.10 (docs/sip-servers.md).',
    unit: NoUnit,
    width: 6,
    shown: 'name',
    queries: [query(`drachtio_build_info{${SERVER}}`, '{{version}}')],
    noValue: NONE_THERE,
  }),
  number({
    title: 'drachtio-server: runs for',
    description: 'Since its start. Each start of it ends all calls.',
    unit: Seconds,
    width: 6,
    queries: [query(`time() - min(drachtio_time_started{${SERVER}})`)],
    noValue: NONE_THERE,
  }),
  number({
    title: 'Connections of voicegate to it',
    description: '1 for each node that is connected. 0: calls are answered by nobody.',
    unit: Short,
    width: 6,
    decimals: 0,
    queries: [query(`sum(drachtio_app_connections{${SERVER}})`)],
    noValue: NONE_THERE,
  }),
  lines({
    title: 'drachtio-server: requests by method',
    description: 'SIP requests a second, in and out. INVITE without BYE is calls that do not end.',
    unit: MessagesPerSecond,
    width: 8,
    queries: [
      query(rate('drachtio_sip_requests_in_total', 'method'), 'in {{method}}'),
      query(rate('drachtio_sip_requests_out_total', 'method'), 'out {{method}}'),
    ],
  }),
  lines({
    title: 'drachtio-server: responses by code',
    description:
      'SIP responses a second, in and out. Those that voicegate never saw are only here.',
    unit: MessagesPerSecond,
    width: 8,
    queries: [
      query(rate('drachtio_sip_responses_in_total', 'code'), 'in {{code}}'),
      query(rate('drachtio_sip_responses_out_total', 'code'), 'out {{code}}'),
    ],
  }),
  lines({
    title: 'drachtio-server: sent again, and not understood',
    description:
      'Requests and responses sent again, and messages that are no SIP. Sent again: the network loses them, or the far end is slow.',
    unit: MessagesPerSecond,
    width: 8,
    queries: [
      query(rate('drachtio_sofia_retransmitted_requests', 'instance'), 'requests sent again'),
      query(rate('drachtio_sofia_retransmitted_responses', 'instance'), 'responses sent again'),
      query(rate('drachtio_sofia_bad_msgs_recv', 'instance'), 'not understood'),
    ],
  }),
  lines({
    title: 'drachtio-server: dialogs and transactions',
    description:
      'Dialogs should be as many as calls: more, for long, are calls that voicegate no longer knows.',
    unit: Short,
    width: 12,
    decimals: 0,
    queries: [
      query(`sum by (type) (drachtio_stable_dialogs{${SERVER}})`, 'dialogs {{type}}'),
      query(`sum(drachtio_sofia_server_txns{${SERVER}})`, 'transactions in'),
      query(`sum(drachtio_sofia_client_txns{${SERVER}})`, 'transactions out'),
    ],
  }),
  lines({
    title: 'drachtio-server: post-dial delay and answer time, p95',
    description:
      'By its own clock, whole seconds. To hold against the board of the trunks: far more there than here is voicegate.',
    unit: Seconds,
    width: 12,
    interval: '5m',
    steps: above(5, 10),
    queries: [
      query(quantile('drachtio_call_pdd_seconds_out'), 'post-dial delay out'),
      query(quantile('drachtio_call_answer_seconds_out'), 'answer out'),
      query(quantile('drachtio_call_answer_seconds_in'), 'answer in'),
    ],
  }),
]
