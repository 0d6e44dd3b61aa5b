// SIP status → Termination, once. The table a telecom engineer can review; RFC 3261 §21, RFC 8197 (607), RFC 8688 (608).
import {
  termination,
  type CallDirection,
  type EndedBy,
  type Termination,
  type TerminationReason,
  type TerminationResult,
} from '#core/contracts'
import type { DialogEnd } from './sip-port.ts'

interface Blame {
  readonly result: TerminationResult
  readonly reason: TerminationReason
  readonly by: EndedBy
}

const blame = (result: TerminationResult, reason: TerminationReason, by: EndedBy): Blame => ({
  result,
  reason,
  by,
})

/** Statuses whose meaning does not depend on what came before. */
const BY_STATUS: Readonly<Record<number, Blame>> = {
  404: blame('client_error', 'rejected', 'carrier'), // The number does not exist.
  410: blame('client_error', 'rejected', 'carrier'),
  480: blame('client_error', 'no-answer', 'callee'),
  484: blame('client_error', 'rejected', 'carrier'), // Address incomplete.
  486: blame('client_error', 'busy', 'callee'),
  487: blame('client_error', 'canceled', 'carrier'), // We did not ask: the carrier gave up.
  488: blame('upstream_error', 'media-not-acceptable', 'carrier'),
  600: blame('client_error', 'busy', 'callee'),
  603: blame('client_error', 'declined', 'callee'),
  604: blame('client_error', 'rejected', 'carrier'),
  606: blame('upstream_error', 'media-not-acceptable', 'carrier'),
  607: blame('client_error', 'declined', 'callee'),
  608: blame('client_error', 'declined', 'callee'),
}

interface FailureContext {
  readonly provisionalSeen: boolean
  readonly local: boolean
  readonly lost: boolean
}

/**
 * How an INVITE that failed ends its call.
 * @param provisionalSeen a 18x came before: a 408 then means nobody picked up, else that nobody is there
 * @param local the failure was made by our own SIP server
 * @param lost the connection to the SIP server broke
 */
export function terminationOfFailure(status: number, context: FailureContext): Termination {
  return { ...blameFor(status, context), sipStatus: status }
}

function blameFor(status: number, { provisionalSeen, local, lost }: FailureContext): Blame {
  if (lost) return blame('server_error', 'sip-server-lost', 'gateway')
  if (status === 408)
    return provisionalSeen
      ? blame('client_error', 'no-answer', 'callee')
      : blame('upstream_error', 'no-response', 'carrier')
  if (local) return blame('upstream_error', 'unreachable', 'carrier')
  return BY_STATUS[status] ?? blame('upstream_error', 'rejected', 'carrier')
}

/** How a call ends whose dialog ended without us asking. */
export function terminationOfDialogEnd(end: DialogEnd, direction: CallDirection): Termination {
  switch (end.by) {
    case 'remote':
      return termination('success', 'hangup', direction === 'inbound' ? 'caller' : 'callee')
    case 'server':
      return termination('upstream_error', end.why, 'gateway')
    case 'lost':
      return termination('server_error', 'sip-server-lost', 'gateway')
  }
}
