// Agent sessions: when they open and close, and what they cost.
import { AGENT_CLOSE_REASONS } from '../../contracts/index.ts'
import { FIRST_AUDIO_SECONDS, REQUEST_SECONDS } from './buckets.ts'
import { AUDIT_VIOLATIONS } from './labels.ts'
import type { MetricDeclaration } from './metric-declaration.ts'

export const AGENT_METRICS = {
  agent_sessions_total: {
    kind: 'counter',
    labels: { result: AGENT_CLOSE_REASONS },
    help: 'Agent sessions ended, by why they ended.',
  },
  agent_sessions_active: { kind: 'gauge', help: 'Agent sessions open now.' },
  agent_sessions_before_answer_total: {
    kind: 'counter',
    help: 'Agent sessions the auditor found opened without or before the 200 OK. Must stay 0.',
  },
  agent_sessions_audit_violations_total: {
    kind: 'counter',
    labels: { kind: AUDIT_VIOLATIONS },
    help: 'All that the auditor found wrong with ledgers, by kind. Must stay 0.',
  },
  agent_seconds_total: {
    kind: 'counter',
    help: 'Seconds of agent sessions that opened, upgrade request to close; counted when they close.',
  },
  agent_seconds_avoided_total: {
    kind: 'counter',
    help: 'Seconds an agent opened at the INVITE would have cost before the answer or the failure, of calls that have an agent.',
  },
  agent_open_after_answer_seconds: {
    kind: 'histogram',
    buckets: REQUEST_SECONDS,
    help: '200 OK to the upgrade request of the agent socket, where no menu, question or refused attempt came between.',
  },
  agent_first_audio_seconds: {
    kind: 'histogram',
    buckets: FIRST_AUDIO_SECONDS,
    help: 'Upgrade request to the first agent audio.',
  },
  agent_close_after_hangup_seconds: {
    kind: 'histogram',
    buckets: REQUEST_SECONDS,
    help: 'BYE received or sent to the agent socket closed.',
  },
  agent_cost_usd_total: {
    kind: 'counter',
    help: 'Agent seconds at ELEVENLABS_PRICE_PER_MINUTE, in US dollars.',
  },
  agent_cost_avoided_usd_total: {
    kind: 'counter',
    help: 'Agent seconds avoided at ELEVENLABS_PRICE_PER_MINUTE, in US dollars.',
  },
  agent_budget_usd_per_day: {
    kind: 'gauge',
    help: 'AGENT_BUDGET_PER_DAY, in US dollars a day; 0: none is set.',
  },
} as const satisfies Record<string, MetricDeclaration>
