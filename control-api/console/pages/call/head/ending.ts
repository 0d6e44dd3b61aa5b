// How a call ended, as data for a sentence: when, by which SIP status, and what would be useful next.
import type { GetCallResponse } from '../../../api/generated/types.gen.ts'

export type Call = GetCallResponse
export type Termination = NonNullable<Call['termination']>

export interface Phase {
  readonly name: 'talk' | 'ringing' | 'dialling'
  readonly seconds: number
}

const secondsBetween = (from: string, to: string | number): number =>
  Math.max(0, (typeof to === 'number' ? to : Date.parse(to)) - Date.parse(from)) / 1000

/** How far it came, and how long that had lasted when it ended; null while it goes on. */
export function lastPhase(call: Call): Phase | null {
  const { ended_at: endedAt, answered_at, ringing_at, invited_at, created_at } = call
  if (endedAt === null) return null
  if (answered_at !== null) return { name: 'talk', seconds: secondsBetween(answered_at, endedAt) }
  if (ringing_at !== null) return { name: 'ringing', seconds: secondsBetween(ringing_at, endedAt) }
  return { name: 'dialling', seconds: secondsBetween(invited_at ?? created_at, endedAt) }
}

/** @param now for a call that rings still; null: it never rang */
export function ringingSeconds(call: Call, now: number): number | null {
  if (call.ringing_at === null) return null
  return secondsBetween(call.ringing_at, call.answered_at ?? call.ended_at ?? now)
}

/** @param now for a call that goes on; null: nobody answered */
export function talkingSeconds(call: Call, now: number): number | null {
  if (call.answered_at === null) return null
  return call.duration_seconds ?? secondsBetween(call.answered_at, now)
}

/** What an agent opened with the INVITE would have waited for nothing, as GET /api/statistics counts it. */
export function sparedSeconds(call: Call, now: number): number | null {
  if (call.invited_at === null) return null
  return secondsBetween(call.invited_at, call.answered_at ?? call.ended_at ?? now)
}

export type Advice =
  | 'again-soon'
  | 'again-later'
  | 'call-back'
  | 'leave'
  | 'check-number'
  | 'check-trunk'
  | 'carrier-trouble'
  | 'check-codecs'
  | 'check-admission'
  | 'check-agent'
  | 'check-network'
  | 'ours'

/** Refusals that say something of the number, RFC 3261 §21.4 and §21.6. */
const OF_THE_NUMBER: ReadonlySet<number> = new Set([404, 410, 484, 485, 604])
/** And of us, at that carrier. */
const OF_OUR_ACCESS: ReadonlySet<number> = new Set([401, 403, 407])

/** What would be useful next; null where all went well, or nothing would be. */
export function adviceFor(call: Call): Advice | null {
  if (call.termination === null) return null
  const { reason, by, sip_status: status } = call.termination
  switch (reason) {
    case 'hangup':
    case 'agent-ended':
    case 'flow-ended':
    case 'transferred':
    case 'max-duration':
      return null
    case 'busy':
      return 'again-soon'
    case 'no-input':
    case 'no-answer':
      return call.direction === 'inbound' ? 'call-back' : 'again-later'
    case 'declined':
      return 'leave'
    case 'canceled':
      return call.direction === 'inbound' && by === 'caller' ? 'call-back' : null
    case 'rejected':
      if (status !== null && OF_THE_NUMBER.has(status)) return 'check-number'
      return status !== null && OF_OUR_ACCESS.has(status) ? 'check-trunk' : 'carrier-trouble'
    case 'provider-failed':
      return 'carrier-trouble'
    case 'no-response':
    case 'unreachable':
      return 'check-trunk'
    case 'media-not-acceptable':
      return 'check-codecs'
    case 'not-admitted':
      return 'check-admission'
    case 'agent-refused':
    case 'agent-dropped':
    case 'agent-silent':
      return 'check-agent'
    case 'no-ack':
    case 'session-expired':
    case 'dead-air':
    case 'media-lost':
    case 'media-server-lost':
      return 'check-network'
    case 'shutdown':
    case 'gateway-crashed':
    case 'sip-server-lost':
    case 'internal-error':
      return 'ours'
    default:
      return reason satisfies never
  }
}

/** Where one looks into it. */
export const PLACE_OF: Readonly<Partial<Record<Advice, '/trunks' | '/agents' | '/settings'>>> = {
  'check-trunk': '/trunks',
  'carrier-trouble': '/trunks',
  'check-codecs': '/trunks',
  'check-network': '/trunks',
  'check-agent': '/agents',
  'check-admission': '/settings',
}

const E164 = /^\+[1-9]\d{6,14}$/

export interface Redial {
  readonly to: string
  readonly from: string | null
}

/** Whom one would ring to make up for it, and from which number; null: nobody, or a talk came about. */
export function redialFor(call: Call): Redial | null {
  if (call.status !== 'ended' || call.answered_at !== null) return null
  const advice = adviceFor(call)
  if (advice === 'leave' || advice === 'check-number') return null
  const isInbound = call.direction === 'inbound'
  const [to, from] = isInbound ? [call.from, call.to] : [call.to, call.from]
  if (to === null || !E164.test(to)) return null
  return { to, from: from !== null && E164.test(from) ? from : null }
}
