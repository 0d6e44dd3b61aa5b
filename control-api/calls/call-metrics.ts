// The call metrics, kept from the events alone. (Agent sessions and seconds are counted where agents are opened.)
import {
  CALL_DIRECTIONS,
  CALL_OUTCOMES,
  outcomeOf,
  type CallDirection,
  type CallEvent,
  type CallEvents,
  type CallId,
  type EpochMs,
  type MediaStats,
  type PickUp,
  type Termination,
} from '#core/contracts'
import { SIP_CLASSES, type LabelsOf, type Metrics } from '#core/telemetry'
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
  /** Names of the trunks there are. */
  readonly trunks: () => readonly string[]
}

/** When things happened on one call. */
interface Watch {
  readonly direction: CallDirection
  /** The one that is at it. */
  trunk: string
  /** For the first time. */
  invitedAt?: EpochMs
  /** By the trunk that is at it: what another one took before is not its delay. */
  triedAt?: EpochMs
  firstResponseAt?: EpochMs
  answeredAt?: EpochMs
  /** By what `machine.verdict` told. */
  verdict: string | null
  /** Answered in an earlier run of ours, which measured that. */
  readonly answeredBefore: boolean
  /** Nobody but our menu answers: no agent would have waited. Known before the INVITE has its answer. */
  readonly hasAgent: () => boolean
  /** By the menu, a question, or a vendor that refused before: how long after the answer an agent opens is not ours then. */
  openedLater?: boolean
  agentRequestedAt?: EpochMs
  agentHeard?: boolean
  hungUpAt?: EpochMs
  /** The INVITE has its answer or its failure. */
  decided?: boolean
  agentOpen?: boolean
  /** For some seconds no audio came. */
  stalled?: boolean
  ended?: boolean
}

/** Returns the function that stops it. */
export function watchCallMetrics(deps: CallMetricsDeps): () => void {
  const { events, metrics } = deps
  const watches = new Map<CallId, Watch>()
  const beginAtZero = trunkBeginner(metrics)
  metrics.onScrape('calls', () => {
    for (const trunk of deps.trunks()) beginAtZero(trunk)
    const active: Record<CallDirection, number> = { inbound: 0, outbound: 0 }
    for (const row of deps.open()) active[row.direction] += 1
    for (const direction of CALL_DIRECTIONS)
      metrics.set('calls_active', active[direction], { direction })
  })
  return events.subscribe((event) => {
    countRecording(metrics, event)
    const watch = watches.get(event.callId) ?? begin(deps, event)
    if (!watch || (watch.ended === true && event.type === 'call.ended')) return
    beginAtZero(watch.trunk)
    if (watches.size < MAX_WATCHED) watches.set(event.callId, watch)
    observe(metrics, watch, event)
    // An agent that closes after the end is waited for, and measured.
    if (watch.ended === true && watch.agentOpen !== true) watches.delete(event.callId)
  })
}

/** What a trunk's ratios are made of is there before its first call: `increase()` would miss that one. */
function trunkBeginner(metrics: Metrics): (trunk: string) => void {
  const begun = new Set<string>()
  return (trunk) => {
    if (begun.has(trunk)) return
    begun.add(trunk)
    metrics.add('trunk_failovers_total', 0, { trunk })
    for (const direction of CALL_DIRECTIONS) {
      metrics.add('call_attempts_total', 0, { direction, trunk })
      for (const outcome of CALL_OUTCOMES)
        metrics.add('calls_total', 0, { direction, trunk, outcome })
    }
  }
}

/** Also of a call that had ended long before: the next start finds what a crash left behind. */
function countRecording(metrics: Metrics, { type }: CallEvent): void {
  if (type === 'recording.stored') metrics.add('recordings_total', 1, { result: 'stored' })
  if (type === 'recording.failed') metrics.add('recordings_total', 1, { result: 'failed' })
  if (type === 'recording.empty') metrics.add('recordings_total', 1, { result: 'empty' })
}

function begin({ find }: Pick<CallMetricsDeps, 'find'>, event: CallEvent): Watch | undefined {
  const { callId, type } = event
  const row = find(callId)
  if (!row || row.status === 'ended') return undefined
  return {
    direction: row.direction,
    trunk: row.trunk,
    verdict: row.machine_verdict,
    // The row may have this very event already.
    answeredBefore: row.answered_at !== null && !ANSWERS.has(type),
    hasAgent: () => (find(callId)?.agent_id ?? null) !== null,
  }
}

const ANSWERS: ReadonlySet<CallEvent['type']> = new Set(['sip.answered', 'provider.answered'])

const seconds = (from: EpochMs, to: EpochMs): number => Math.max(0, to - from) / 1000

function observe(metrics: Metrics, watch: Watch, event: CallEvent): void {
  switch (event.type) {
    case 'sip.invite':
      watch.trunk = event.data.trunk ?? watch.trunk
      beginAttempt(metrics, watch, event.at)
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
      beginAttempt(metrics, watch, event.at)
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
    case 'machine.verdict':
      watch.verdict = event.data.verdict
      break
    case 'call.ended':
      observeEnd(metrics, watch, event)
      break
    case 'media.stalled':
      watch.stalled = true
      break
    case 'media.summary':
      observeQuality(metrics, watch, event.data)
      break
    default:
      observeAgent(metrics, watch, event)
  }
}

function beginAttempt(metrics: Metrics, watch: Watch, at: EpochMs): void {
  const { direction, trunk } = watch
  watch.invitedAt ??= at
  watch.triedAt = at
  delete watch.firstResponseAt
  metrics.add('call_attempts_total', 1, { direction, trunk })
}

type SipClass = LabelsOf<'sip_responses_total'>['class']
/** Whatever a carrier sends beyond 699 has failed. */
const sipClassOf = (status: number): SipClass =>
  SIP_CLASSES[Math.min(Math.max(Math.floor(status / 100), 1), 6) - 1] ?? '6xx'

function countResponse(metrics: Metrics, watch: Watch, status: number): void {
  metrics.add('sip_responses_total', 1, {
    direction: watch.direction,
    trunk: watch.trunk,
    class: sipClassOf(status),
    code: String(status),
  })
}

function heardFromCallee(metrics: Metrics, watch: Watch, at: EpochMs): void {
  if (watch.firstResponseAt !== undefined) return
  watch.firstResponseAt = at
  // Of an inbound call we ring ourselves: that says nothing of a carrier.
  if (watch.triedAt === undefined || watch.direction === 'inbound') return
  const delay = seconds(watch.triedAt, at)
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
  const { direction, trunk, triedAt } = watch
  if (triedAt === undefined) return
  metrics.observe('call_answer_seconds', seconds(triedAt, at), { direction, trunk })
}

/** Until now an agent opened at the INVITE would have cost money for nothing. */
function decide(metrics: Metrics, watch: Watch, at: EpochMs): void {
  if (watch.decided === true || watch.invitedAt === undefined) return
  watch.decided = true
  if (!watch.hasAgent()) return
  metrics.add('agent_seconds_avoided_total', seconds(watch.invitedAt, at))
}

function observeEnd(
  metrics: Metrics,
  watch: Watch,
  event: Extract<CallEvent, { type: 'call.ended' }>,
): void {
  const { direction, trunk, answeredAt, verdict } = watch
  watch.ended = true
  decide(metrics, watch, event.at)
  const answered = watch.answeredBefore || answeredAt !== undefined
  countEnd(metrics, { direction, trunk, answered, verdict }, event.data.termination)
  if (answeredAt === undefined) return
  metrics.observe('call_duration_seconds', seconds(answeredAt, event.at), { direction, trunk })
}

interface EndedCall extends PickUp {
  readonly direction: CallDirection
  readonly trunk: string
}

/** What every end counts, also one that a later run finds. */
export function countEnd(
  metrics: Pick<Metrics, 'add'>,
  { direction, trunk, ...pickUp }: EndedCall,
  termination: Termination,
): void {
  const { result, reason, by } = termination
  const outcome = outcomeOf(termination, pickUp)
  metrics.add('calls_total', 1, { direction, trunk, outcome })
  metrics.add('call_terminations_total', 1, { direction, trunk, result, reason, by })
}

/** The least that the scale has. */
const WORST_MOS = 1

/** A score that nobody knows is none: the far end may send no reports. One who was waited for and not heard is the worst. */
function observeQuality(metrics: Metrics, { stalled, trunk }: Watch, stats: MediaStats): void {
  const isUnheard = stalled === true && stats.received.packets === 0
  for (const direction of ['received', 'sent'] as const) {
    const mos = direction === 'received' && isUnheard ? WORST_MOS : stats[direction].mos
    if (mos !== null) metrics.observe('call_mos', mos, { direction, trunk })
  }
}

function observeAgent(metrics: Metrics, watch: Watch, event: CallEvent): void {
  switch (event.type) {
    case 'flow.asked':
    case 'consent.given':
    case 'agent.attempt_failed':
      watch.openedLater = true
      break
    case 'agent.opened': {
      const { upgradeSentAt } = event.data
      watch.agentRequestedAt = upgradeSentAt
      watch.agentHeard = false
      watch.agentOpen = true
      if (watch.answeredAt === undefined || watch.openedLater === true) break
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
