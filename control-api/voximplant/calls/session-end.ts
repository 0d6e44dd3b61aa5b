// How a session ended, by its last snapshot: the one Termination, and how its agent was closed.
import { termination, type AgentCloseReason, type EpochMs, type Termination } from '#core/contracts'
import { endedByApi, endedByFailure, PROVIDER_FAILED } from '../../calls/vendor-endings.ts'
import type { FactsContext, SessionFact } from './session-facts.ts'
import type { SessionEnd, Snapshot } from './snapshot.ts'

/** Of a call that we did not end ourselves. */
export function terminationOf(known: Snapshot, end: SessionEnd): Termination {
  const { direction } = known
  const farEnd = direction === 'inbound' ? 'caller' : 'callee'
  const code = sipStatusOf(end)
  switch (end.outcome) {
    case 'answered':
      return endOfTalk(known, end)
    case 'machine':
      return termination('success', 'hangup', 'gateway')
    case 'busy':
      return termination('client_error', 'busy', 'callee', code ?? 486)
    case 'declined':
      return termination('client_error', 'declined', 'callee', code ?? 603)
    case 'no-answer':
      return termination('client_error', 'no-answer', ringsOut(end) ? 'gateway' : farEnd, code)
    case 'canceled':
      return endBeforeAnswer(end, farEnd)
    case 'failed':
      return end.by === 'carrier' ? endedByFailure(code) : PROVIDER_FAILED
    default:
      return end.outcome satisfies never
  }
}

const ringsOut = ({ by }: SessionEnd): boolean => by === 'scenario'

function endBeforeAnswer(end: SessionEnd, farEnd: 'caller' | 'callee'): Termination {
  switch (end.by) {
    case 'api':
      return endedByApi(false)
    case 'scenario':
      // It was not told whom to call.
      return PROVIDER_FAILED
    case 'carrier':
      return termination('client_error', 'canceled', 'carrier', sipStatusOf(end))
    default:
      return termination('client_error', 'canceled', farEnd, sipStatusOf(end))
  }
}

const MAX_DURATION = /max.?duration/i

function endOfTalk(known: Snapshot, end: SessionEnd): Termination {
  switch (end.by) {
    case 'caller':
    case 'callee':
      return termination('success', 'hangup', end.by)
    case 'api':
      return endedByApi(true)
    case 'agent':
      return saidGoodbye(known)
        ? termination('success', 'agent-ended', 'agent')
        : termination('upstream_error', 'agent-dropped', 'agent')
    case 'carrier':
      return PROVIDER_FAILED
    case 'scenario':
      if (MAX_DURATION.test(end.reason)) return termination('success', 'max-duration', 'gateway')
      return known.at.agent_requested !== null && known.at.agent_opened === null
        ? termination('upstream_error', 'agent-refused', 'agent')
        : termination('server_error', 'internal-error', 'gateway')
    default:
      return end.by satisfies never
  }
}

/** RFC 6455 §7.4: 1000 says so, 1005 is a close that says nothing. */
const GOODBYES: ReadonlySet<number | null> = new Set([1000, 1005, null])

const saidGoodbye = ({ agentClose }: Snapshot): boolean =>
  agentClose !== null && agentClose.isClean && GOODBYES.has(agentClose.code)

/** Of an agent that was asked for. @param endedAt the end of the call, where nobody told when the agent was closed */
export function agentClosed(
  known: Snapshot,
  endedAt: EpochMs,
  { timeOf }: Pick<FactsContext, 'timeOf'>,
): SessionFact | undefined {
  const { agent_requested: requested, agent_closed: closed } = known.at
  if (requested === null) return undefined
  const at = closed === null ? endedAt : timeOf(closed)
  return {
    type: 'agent.closed',
    at,
    data: {
      reason: closeReasonOf(known),
      closeCode: known.agentClose?.code ?? null,
      detail: known.agentClose?.reason ?? '',
      // From the request on, for that is when the vendor begins to count.
      seconds: Math.max(0, at - timeOf(requested)) / 1000,
    },
  }
}

function closeReasonOf(known: Snapshot): AgentCloseReason {
  const by = known.ended?.by
  if (by === 'agent') return saidGoodbye(known) ? 'agent-ended' : 'dropped'
  return known.at.agent_opened === null && by === 'scenario' ? 'refused' : 'call-ended'
}

export function providerEnded(
  ended: SessionEnd | null,
  at: EpochMs,
  detail = ended?.reason,
): SessionFact {
  const sipStatus = ended && sipStatusOf(ended)
  const isOther = ended?.code != null && sipStatus === null
  return {
    type: 'provider.ended',
    at,
    data: {
      status: ended?.outcome ?? 'unknown',
      sipStatus,
      errorCode: isOther ? String(ended.code) : null,
      ...(detail === undefined || detail === '' ? {} : { detail }),
    },
  }
}

/** The vendor has codes of its own, too: 200 of a call that was hung up. */
const sipStatusOf = ({ code }: SessionEnd): number | null =>
  code !== null && code >= 300 && code <= 699 ? code : null
