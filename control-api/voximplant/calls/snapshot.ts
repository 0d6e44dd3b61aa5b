// All that a scenario has told of its session so far. Every message is one, so that any may be lost, late, doubled or out
// of order: what is known only grows.
import type { CallDirection } from '#core/contracts'

export const MOMENTS = [
  'started',
  'ringing',
  'connected',
  'agent_requested',
  'agent_opened',
  'first_audio',
  'agent_closed',
  'recording',
  'ended',
] as const
export type Moment = (typeof MOMENTS)[number]

export const SESSION_OUTCOMES = [
  'answered',
  'busy',
  'no-answer',
  'declined',
  'canceled',
  'machine',
  'failed',
] as const
export type SessionOutcomeWord = (typeof SESSION_OUTCOMES)[number]

export const SESSION_ENDERS = ['caller', 'callee', 'agent', 'api', 'scenario', 'carrier'] as const
export type SessionEnder = (typeof SESSION_ENDERS)[number]

export interface SessionEnd {
  readonly outcome: SessionOutcomeWord
  readonly by: SessionEnder
  /** Of SIP, mostly. */
  readonly code: number | null
  readonly reason: string
  /** Of its call and its recording, in the currency of the account: what the scenario knows of. */
  readonly cost: number | null
}

export interface Snapshot {
  readonly direction: CallDirection
  /** As the vendor writes them; null and '' while they are not known. */
  readonly from: string | null
  readonly to: string
  /** By the scenario's own clock, epoch milliseconds. */
  readonly at: Readonly<Record<Moment, number | null>>
  readonly conversationId: string | null
  readonly controlUrl: string | null
  readonly consent: {
    readonly given: boolean
    readonly at: number
    readonly prompt: string
    readonly language: string
  } | null
  readonly machine: {
    readonly verdict: 'human' | 'machine' | 'unknown'
    readonly at: number
  } | null
  readonly recordingUrl: string | null
  readonly agentClose: {
    readonly code: number | null
    readonly reason: string
    readonly isClean: boolean
  } | null
  readonly ended: SessionEnd | null
}

/** What was known first stays; later knowledge only adds. */
export function merged(known: Snapshot | null, told: Snapshot): Snapshot {
  if (known === null) return told
  const at = Object.fromEntries(
    MOMENTS.map((moment) => [moment, known.at[moment] ?? told.at[moment]]),
  ) as Record<Moment, number | null>
  return {
    direction: known.direction,
    from: known.from ?? told.from,
    to: known.to === '' ? told.to : known.to,
    at,
    conversationId: known.conversationId ?? told.conversationId,
    controlUrl: known.controlUrl ?? told.controlUrl,
    consent: known.consent ?? told.consent,
    machine: known.machine ?? told.machine,
    // Told anew when the recording is whole.
    recordingUrl:
      known.ended === null
        ? (told.recordingUrl ?? known.recordingUrl)
        : (known.recordingUrl ?? told.recordingUrl),
    agentClose: known.agentClose ?? told.agentClose,
    ended: known.ended ?? told.ended,
  }
}

/** What is kept of it, with the difference between the scenario's clock and ours. */
export interface KnownSession {
  readonly snapshot: Snapshot
  /** Milliseconds to be added to its times. */
  readonly offsetMs: number
}

export const encodeKnown = (known: KnownSession): string => JSON.stringify(known)

/** Of what `encodeKnown` wrote; undefined of anything else. */
export function decodeKnown(text: string | null): KnownSession | undefined {
  if (text === null) return undefined
  try {
    return JSON.parse(text) as KnownSession
  } catch {
    // Written by another version.
    return undefined
  }
}
