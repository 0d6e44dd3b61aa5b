// The call metrics, kept from the events alone. (Agent sessions and seconds are counted by bridge.)
import {
  outcomeOf,
  type CallDirection,
  type CallEvent,
  type CallEvents,
  type CallId,
  type EpochMs,
  type MediaStats,
} from '#core/contracts'
import type { Metrics } from '#core/telemetry'
import type { CallRow } from '../db/schema.ts'

/** Calls watched at once; far above MAX_CONCURRENT_CALLS, so that only a leak would meet it. */
const MAX_WATCHED = 20_000

export interface CallMetricsDeps {
  readonly events: CallEvents
  readonly metrics: Metrics
  /** The record of a call that is live or ended lately. */
  readonly find: (callId: CallId) => CallRow | undefined
  /** The records of calls that have not ended. */
  readonly open: () => Iterable<CallRow>
}

/** When things happened on one call. */
interface Watch {
  readonly direction: CallDirection
  /** The one that is at it. */
  trunk: string
  invitedAt?: EpochMs
  firstResponseAt?: EpochMs
  answeredAt?: EpochMs
  /** The menu talked first, or a question: how long after the answer an agent opens says nothing then. */
  menuFirst?: boolean
  agentRequestedAt?: EpochMs
  agentHeard?: boolean
  hungUpAt?: EpochMs
  /** The INVITE has its answer or its failure. */
  decided?: boolean
  agentOpen?: boolean
  ended?: boolean
}

/** Returns the function that stops it. */
export function watchCallMetrics(deps: CallMetricsDeps): () => void {
  const { events, metrics } = deps
  const watches = new Map<CallId, Watch>()
  metrics.onScrape(() => {
    const active: Record<CallDirection, number> = { inbound: 0, outbound: 0 }
    for (const row of deps.open()) active[row.direction] += 1
    for (const [direction, count] of Object.entries(active)) {
      metrics.set('calls_active', count, { direction })
    }
  })
  return events.subscribe((event) => {
    countRecording(metrics, event)
    const watch = watches.get(event.callId) ?? begin(deps.find(event.callId))
    if (!watch || (watch.ended === true && event.type === 'call.ended')) return
    if (watches.size < MAX_WATCHED) watches.set(event.callId, watch)
    observe(metrics, watch, event)
    // An agent that closes after the end is waited for, and measured.
    if (watch.ended === true && watch.agentOpen !== true) watches.delete(event.callId)
  })
}

/** Also of a call that had ended long before: the next start finds what a crash left behind. */
function countRecording(metrics: Metrics, { type }: CallEvent): void {
  if (type === 'recording.stored') metrics.add('recordings_total', 1, { result: 'stored' })
  if (type === 'recording.failed') metrics.add('recordings_total', 1, { result: 'failed' })
  if (type === 'recording.empty') metrics.add('recordings_total', 1, { result: 'empty' })
}

const begin = (row: CallRow | undefined): Watch | undefined =>
  row && row.status !== 'ended' ? { direction: row.direction, trunk: row.trunk } : undefined

const seconds = (from: EpochMs, to: EpochMs): number => Math.max(0, to - from) / 1000

function observe(metrics: Metrics, watch: Watch, event: CallEvent): void {
  switch (event.type) {
    case 'sip.invite':
      watch.invitedAt ??= event.at
      watch.trunk = event.data.trunk ?? watch.trunk
      break
    case 'sip.provisional':
      countResponse(metrics, watch, event.data.sipStatus)
      if (event.data.sipStatus !== 100) heardFromCallee(metrics, watch, event.at)
      break
    case 'sip.answered':
      observeAnswer(metrics, watch, event.at)
      break
    case 'sip.failed':
      // One of our own making is no response: nobody sent it.
      if (event.data.local !== true) countResponse(metrics, watch, event.data.sipStatus)
      if (event.data.nextTrunk === undefined) decide(metrics, watch, event.at)
      else metrics.add('trunk_failovers_total', 1, { trunk: watch.trunk })
      break
    case 'sip.bye':
      watch.hungUpAt ??= event.at
      break
    case 'provider.invited':
      watch.invitedAt ??= event.at
      break
    case 'provider.ringing':
      heardFromCallee(metrics, watch, event.at)
      break
    case 'provider.answered':
      observePickUp(metrics, watch, event.at)
      break
    case 'provider.ended':
      watch.hungUpAt ??= event.at
      break
    case 'call.ended':
      observeEnd(metrics, watch, event)
      break
    case 'media.summary':
      observeQuality(metrics, watch, event.data)
      break
    default:
      observeAgent(metrics, watch, event)
  }
}

function countResponse(metrics: Metrics, watch: Watch, status: number): void {
  metrics.add('sip_responses_total', 1, {
    direction: watch.direction,
    trunk: watch.trunk,
    class: `${Math.floor(status / 100)}xx`,
    code: String(status),
  })
}

function heardFromCallee(metrics: Metrics, watch: Watch, at: EpochMs): void {
  if (watch.firstResponseAt !== undefined) return
  watch.firstResponseAt = at
  if (watch.invitedAt === undefined) return
  const delay = seconds(watch.invitedAt, at)
  metrics.observe('call_post_dial_delay_seconds', delay, { trunk: watch.trunk })
}

function observeAnswer(metrics: Metrics, watch: Watch, at: EpochMs): void {
  if (watch.answeredAt === undefined) countResponse(metrics, watch, 200)
  observePickUp(metrics, watch, at)
}

function observePickUp(metrics: Metrics, watch: Watch, at: EpochMs): void {
  if (watch.answeredAt !== undefined) return
  watch.answeredAt = at
  heardFromCallee(metrics, watch, at)
  decide(metrics, watch, at)
  if (watch.invitedAt === undefined) return
  metrics.observe('call_answer_seconds', seconds(watch.invitedAt, at), { trunk: watch.trunk })
}

/** Until now an agent opened at the INVITE would have cost money for nothing. */
function decide(metrics: Metrics, watch: Watch, at: EpochMs): void {
  if (watch.decided === true || watch.invitedAt === undefined) return
  watch.decided = true
  metrics.add('agent_seconds_avoided_total', seconds(watch.invitedAt, at))
}

function observeEnd(
  metrics: Metrics,
  watch: Watch,
  event: Extract<CallEvent, { type: 'call.ended' }>,
): void {
  const { direction, trunk, answeredAt } = watch
  watch.ended = true
  decide(metrics, watch, event.at)
  const outcome = outcomeOf(event.data.termination, answeredAt !== undefined)
  metrics.add('calls_total', 1, { direction, trunk, outcome })
  if (answeredAt === undefined) return
  metrics.observe('call_duration_seconds', seconds(answeredAt, event.at), { direction, trunk })
}

/** A score that nobody knows is none: the far end may send no reports. */
function observeQuality(metrics: Metrics, { trunk }: Watch, stats: MediaStats): void {
  for (const direction of ['received', 'sent'] as const) {
    const { mos } = stats[direction]
    if (mos !== null) metrics.observe('call_mos', mos, { direction, trunk })
  }
}

function observeAgent(metrics: Metrics, watch: Watch, event: CallEvent): void {
  switch (event.type) {
    case 'flow.asked':
    case 'consent.given':
      watch.menuFirst = true
      break
    case 'agent.opened': {
      const { upgradeSentAt } = event.data
      watch.agentRequestedAt = upgradeSentAt
      watch.agentHeard = false
      watch.agentOpen = true
      if (watch.answeredAt === undefined || watch.menuFirst === true) break
      metrics.observe('agent_open_after_answer_seconds', seconds(watch.answeredAt, upgradeSentAt))
      break
    }
    case 'agent.first_audio':
      if (watch.agentRequestedAt === undefined || watch.agentHeard === true) break
      watch.agentHeard = true
      metrics.observe('agent_first_audio_seconds', seconds(watch.agentRequestedAt, event.at))
      break
    case 'agent.closed':
      // Only an agent that outlived the call says how fast we close.
      if (watch.agentOpen === true && watch.hungUpAt !== undefined) {
        metrics.observe('agent_close_after_hangup_seconds', seconds(watch.hungUpAt, event.at))
      }
      watch.agentOpen = false
      break
    default:
      break
  }
}
