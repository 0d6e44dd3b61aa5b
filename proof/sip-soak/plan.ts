// Which calls are placed and what must become of each: the same mix for whatever size.
import type { TerminationReason } from '../../core/contracts/index.ts'
import type { AgentManner } from '../stage/quiet-bridge.ts'
import type { CalleeManner } from './callee.ts'
import type { CallerManner } from './caller.ts'

export interface OutboundKind {
  /** Begins the numbers of these calls. */
  readonly number: string
  readonly manner: CalleeManner
  readonly agent: AgentManner
  readonly ringTimeoutMs: number
  /** The API hangs up so long after the call was placed. */
  readonly hangUpMs?: number
  readonly ends: TerminationReason
  /** Of a hundred calls that are placed. */
  readonly share: number
}

const STAYS: AgentManner = { ready: 0, talk: 'ever' }
const LEAVES: AgentManner = { ready: 0, talk: 200 }
const PATIENT_MS = 20_000
const SHORT_MS = 600

const common = { agent: STAYS, ringTimeoutMs: PATIENT_MS }

export const OUTBOUND: readonly OutboundKind[] = [
  { ...common, number: '+493010', manner: 'hangs-up', ends: 'hangup', share: 35 },
  { ...common, number: '+493011', manner: 'stays', agent: LEAVES, ends: 'agent-ended', share: 20 },
  { ...common, number: '+493012', manner: 'busy', ends: 'busy', share: 9 },
  {
    ...common,
    number: '+493013',
    manner: 'rings',
    ringTimeoutMs: SHORT_MS,
    ends: 'no-answer',
    share: 10,
  },
  { ...common, number: '+493014', manner: 'rings', hangUpMs: 300, ends: 'canceled', share: 8 },
  { ...common, number: '+493015', manner: 'loses-acks', ends: 'hangup', share: 5 },
  {
    ...common,
    number: '+493016',
    manner: 'crosses-cancel',
    hangUpMs: 300,
    ends: 'canceled',
    share: 5,
  },
  {
    ...common,
    number: '+493017',
    manner: 'vanishes-ringing',
    ringTimeoutMs: SHORT_MS,
    ends: 'no-answer',
    share: 4,
  },
  {
    ...common,
    number: '+493018',
    manner: 'vanishes-answering',
    agent: LEAVES,
    ends: 'agent-ended',
    share: 4,
  },
]

export interface InboundKind {
  readonly number: string
  readonly answeredBy: AgentManner
  readonly ends: readonly TerminationReason[]
  /** Of a hundred calls that come in. */
  readonly share: number
  /** SIPp plays a scenario, or our own party plays what no scenario can. */
  readonly caller:
    | { readonly kind: 'sipp'; readonly scenario: string; readonly args: readonly string[] }
    | { readonly kind: 'own'; readonly manner: CallerManner }
}

const own = (manner: CallerManner) => ({ kind: 'own', manner }) as const
const sipp = (scenario: string, ...args: string[]) => ({ kind: 'sipp', scenario, args }) as const
/** It rings until the gateway's patience ends, long enough for a CANCEL. */
const RINGS: AgentManner = { ready: 'never', talk: 'ever' }

export const INBOUND: readonly InboundKind[] = [
  {
    number: '+493020',
    answeredBy: STAYS,
    ends: ['hangup'],
    share: 65,
    caller: sipp('call-in', '-d', '300'),
  },
  { number: '+493021', answeredBy: RINGS, ends: ['canceled'], share: 15, caller: sipp('cancel') },
  {
    number: '+493022',
    answeredBy: STAYS,
    ends: ['hangup'],
    share: 5,
    caller: own('acknowledges-late'),
  },
  {
    number: '+493023',
    answeredBy: STAYS,
    ends: ['canceled', 'hangup'],
    share: 5,
    caller: own('cancels-late'),
  },
  {
    number: '+493024',
    answeredBy: LEAVES,
    ends: ['agent-ended'],
    share: 5,
    caller: own('vanishes-talking'),
  },
  {
    number: '+493025',
    answeredBy: STAYS,
    ends: ['no-ack'],
    share: 5,
    caller: own('never-acknowledges'),
  },
]

/** Every kind comes at least once. */
export const callsOf = ({ share }: { readonly share: number }, total: number): number =>
  Math.max(1, Math.round((total * share) / 100))
