// One event's effect on the row of its call: pure, so that the record can be rebuilt from the events alone.
import {
  outcomeOf,
  type CallEvent,
  type CallStatus,
  type EpochMs,
  type Termination,
} from '#core/contracts'
import type { CallRow, CallUpdate } from '../db/schema.ts'
import { foldEndOfAttempt, foldRefusal } from '../dialling/next-attempt.ts'
import { callerColumns } from './call-row.ts'
import { foldRecording } from './fold-recording.ts'
import { foldReview } from './fold-review.ts'
import { makesTurn } from './transcript/transcript.ts'
import { roundTo3 } from '../view-parts.ts'

/** The columns that change; {} when none do. */
export function foldCall(row: CallRow, event: CallEvent): CallUpdate {
  const spoken = row.has_transcript === 0 && makesTurn(event) ? { has_transcript: 1 } : {}
  return { ...foldFact(row, event), ...foldReview(row, event), ...spoken }
}

function foldFact(row: CallRow, event: CallEvent): CallUpdate {
  const { at } = event
  switch (event.type) {
    case 'sip.invite_prepared':
      // The next trunk may have other numbers to show.
      return event.data.caller === undefined ? {} : callerColumns(event.data.caller)
    case 'sip.invite':
      return {
        invited_at: row.invited_at ?? at,
        trunk: event.data.trunk ?? row.trunk,
        ...advance(row, 'dialing'),
      }
    case 'sip.provisional':
      return foldProvisional(row, event.data.sipStatus, event.data.earlyMedia, at)
    case 'sip.failed':
      return foldRefusal(row, event.data)
    case 'sip.answered':
      return { answered_at: row.answered_at ?? at, ...advance(row, 'answered') }
    case 'provider.invited':
      return { invited_at: row.invited_at ?? at, ...advance(row, 'dialing') }
    case 'provider.ringing':
      return { ringing_at: row.ringing_at ?? at, ...advance(row, 'ringing') }
    case 'provider.answered':
      return { answered_at: row.answered_at ?? at, ...advance(row, 'answered') }
    case 'machine.verdict':
      return { machine_verdict: event.data.verdict, machine_at: at }
    case 'agent.opened':
      return foldOpened(row, event.data.upgradeSentAt)
    case 'agent.metadata':
      return { conversation_id: event.data.conversationId }
    case 'agent.attempt_failed':
      // The vendor may bill what it lost: a second attempt adds its own seconds by its own close.
      return { agent_seconds: row.agent_seconds + event.data.seconds }
    case 'agent.closed':
      return {
        agent_closed_at: at,
        agent_close_reason: event.data.reason,
        agent_seconds: row.agent_seconds + event.data.seconds,
      }
    case 'recording.started':
    case 'recording.paused':
    case 'recording.resumed':
    case 'recording.stored':
    case 'recording.failed':
    case 'recording.empty':
      return foldRecording(row, event)
    case 'call.reviewed':
      return { review_status: event.data.status }
    case 'consent.given':
      return {
        consent_given: event.data.given ? 1 : 0,
        consent_at: at,
        consent_prompt_version: event.data.promptVersion,
        consent_language: event.data.language,
      }
    case 'call.ended':
      return foldEnded(row, event.data.termination, at)
    default:
      return {}
  }
}

const ORDER: Readonly<Record<CallStatus, number>> = {
  queued: 0,
  dialing: 1,
  ringing: 2,
  early_media: 3,
  answered: 4,
  ended: 5,
}

/** A status never goes back: a 180 after early media leaves it as it is. */
const advance = (row: CallRow, status: CallStatus): CallUpdate =>
  ORDER[status] > ORDER[row.status] ? { status } : {}

function foldProvisional(
  row: CallRow,
  sipStatus: number,
  earlyMedia: boolean,
  at: EpochMs,
): CallUpdate {
  // 100 Trying says only that a hop has the INVITE (RFC 3261 §21.1.1); nothing rings yet.
  if (sipStatus === 100) return {}
  return {
    ringing_at: row.ringing_at ?? at,
    ...advance(row, earlyMedia ? 'early_media' : 'ringing'),
  }
}

function foldOpened(row: CallRow, upgradeSentAt: EpochMs): CallUpdate {
  const first = row.agent_opened_at === null
  return {
    agent_sessions: row.agent_sessions + 1,
    // From the upgrade request on money flows, so that is when the session opened.
    agent_opened_at: row.agent_opened_at ?? upgradeSentAt,
    // One that was dropped is opened again: while this session is open, the call's agent is not closed.
    agent_closed_at: null,
    agent_close_reason: null,
    ...(first && row.answered_at !== null
      ? { open_ms_after_answer: roundTo3(upgradeSentAt - row.answered_at) }
      : {}),
  }
}

function foldEnded(row: CallRow, termination: Termination, at: EpochMs): CallUpdate {
  // Every call ends in exactly one Termination: the first stands.
  if (row.status === 'ended') return {}
  const outcome = outcomeOf(termination, {
    answered: row.answered_at !== null,
    verdict: row.machine_verdict,
  })
  return {
    status: 'ended',
    ended_at: at,
    outcome,
    termination_result: termination.result,
    termination_reason: termination.reason,
    termination_by: termination.by,
    termination_sip_status: termination.sipStatus,
    ...foldEndOfAttempt(row, { outcome, termination, at }),
  }
}
