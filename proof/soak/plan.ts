// Which calls there are, what each party does, and what must stand in the record of each afterwards.
import type { CallOutcome, EndedBy, TerminationReason } from '../../core/contracts/index.ts'
import type { CalleeManner, CallerManner } from '../party/carrier.ts'

/** What the record of a call may hold beside its ending. */
export type Ledger =
  /** An answer, one agent session, audio. */
  | 'talked'
  /** Neither an answer nor an agent. */
  | 'unanswered'
  /** An answer that was taken back at once: the agent may have been asked for. */
  | 'cut-off'

export interface Ending {
  readonly outcome: CallOutcome
  readonly reason: TerminationReason
  readonly by: EndedBy
  readonly sipStatus: number | null
  readonly ledger: Ledger
}

export interface CallKind {
  readonly name: string
  /** Any of these. */
  readonly ends: readonly Ending[]
  /** Of a thousand calls. */
  readonly share: number
  readonly way:
    | { readonly direction: 'outbound'; readonly callee: CalleeManner }
    | { readonly direction: 'inbound'; readonly caller: CallerManner }
  readonly agentLeavesMs?: number
  /** So long after the agent was first heard; of a call that is recorded, after that was begun. */
  readonly hangsUp?: { readonly by: 'phone' | 'api'; readonly afterMs: number }
  /** The API hangs up so long after it placed the call. */
  readonly apiCancelsMs?: number
  readonly ringTimeoutSeconds?: number
  /** Recording is asked for as soon as the agent is there. */
  readonly recorded?: true
  /** It takes seconds, or 64·T1 until the far end is given up: left out of a run that has no time. */
  readonly slow?: true
}

const TALK_MS = 400
const LEAVES_MS = 500
const RECORDED_MS = 600
/** A telephone that hears nothing is put down: far later than any agent is there. */
const HOPELESS_MS = 8000
/** Longer than whatever ends the call. */
const PATIENT_SECONDS = 60

const ending = (
  outcome: CallOutcome,
  reason: TerminationReason,
  by: EndedBy,
  ledger: Ledger,
  sipStatus: number | null = null,
): Ending => ({ outcome, reason, by, sipStatus, ledger })

const called = (callee: CalleeManner) => ({ direction: 'outbound', callee }) as const
const calling = (caller: CallerManner) => ({ direction: 'inbound', caller }) as const
const refuses = (status: string) => called({ does: 'refuses', status })

const STAYS = called({ does: 'answers', talkMs: HOPELESS_MS })
const CALLS_IN = calling({ does: 'talks', talkMs: HOPELESS_MS })
const HANGS_UP = { by: 'phone', afterMs: TALK_MS } as const
const HANGS_UP_RECORDED = { by: 'phone', afterMs: RECORDED_MS } as const
const CALLEE_LEFT = [ending('answered', 'hangup', 'callee', 'talked')]
const CALLER_LEFT = [ending('answered', 'hangup', 'caller', 'talked')]
const AGENT_LEFT = [ending('answered', 'agent-ended', 'agent', 'talked')]

export const KINDS: readonly CallKind[] = [
  { name: 'callee hangs up', ends: CALLEE_LEFT, share: 200, way: STAYS, hangsUp: HANGS_UP },
  {
    name: 'callee hangs up, recorded',
    ends: CALLEE_LEFT,
    share: 60,
    way: STAYS,
    hangsUp: HANGS_UP_RECORDED,
    recorded: true,
  },
  { name: 'agent leaves', ends: AGENT_LEFT, share: 150, way: STAYS, agentLeavesMs: LEAVES_MS },
  {
    name: 'API hangs up',
    ends: [ending('answered', 'hangup', 'api', 'talked')],
    share: 60,
    way: STAYS,
    hangsUp: { by: 'api', afterMs: TALK_MS },
  },
  {
    name: 'busy',
    ends: [ending('busy', 'busy', 'callee', 'unanswered', 486)],
    share: 80,
    way: refuses('486 Busy Here'),
  },
  {
    name: 'declined',
    ends: [ending('declined', 'declined', 'callee', 'unanswered', 603)],
    share: 50,
    way: refuses('603 Decline'),
  },
  {
    name: 'carrier has no answer',
    ends: [ending('no-answer', 'no-answer', 'callee', 'unanswered', 480)],
    share: 30,
    way: refuses('480 Temporarily Unavailable'),
  },
  {
    name: 'rings out',
    ends: [ending('no-answer', 'no-answer', 'callee', 'unanswered')],
    share: 30,
    way: called({ does: 'rings' }),
    ringTimeoutSeconds: 5,
    slow: true,
  },
  {
    name: 'API cancels',
    ends: [ending('canceled', 'canceled', 'api', 'unanswered')],
    share: 50,
    way: called({ does: 'rings' }),
    apiCancelsMs: 300,
  },
  {
    name: 'carrier fails',
    ends: [ending('failed', 'rejected', 'carrier', 'unanswered', 503)],
    share: 20,
    way: refuses('503 Service Unavailable'),
  },
  {
    name: 'callee vanishes',
    ends: AGENT_LEFT,
    share: 3,
    way: called({ does: 'vanishes' }),
    agentLeavesMs: LEAVES_MS,
    slow: true,
  },
  {
    name: 'caller hangs up',
    ends: CALLER_LEFT,
    share: 100,
    way: CALLS_IN,
    hangsUp: HANGS_UP,
  },
  {
    name: 'caller hangs up, recorded',
    ends: CALLER_LEFT,
    share: 40,
    way: CALLS_IN,
    hangsUp: HANGS_UP_RECORDED,
    recorded: true,
  },
  {
    name: 'agent leaves caller',
    ends: AGENT_LEFT,
    share: 80,
    way: CALLS_IN,
    agentLeavesMs: LEAVES_MS,
  },
  {
    name: 'caller cancels',
    ends: [
      ending('canceled', 'canceled', 'caller', 'unanswered', 487),
      ending('answered', 'hangup', 'caller', 'cut-off'),
    ],
    share: 45,
    way: calling({ does: 'cancels' }),
  },
  {
    name: 'caller never acknowledges',
    ends: [ending('answered', 'no-ack', 'gateway', 'cut-off')],
    share: 2,
    way: calling({ does: 'never-acknowledges' }),
    slow: true,
  },
]

/** Two digits that say the kind, six that say which: a number is called once. */
export const numberOf = (kind: number, index: number): string =>
  `+4930${10 + kind}${String(index).padStart(6, '0')}`

export function kindOf(number: string): CallKind | undefined {
  return KINDS[Number(number.slice('+4930'.length, '+4930'.length + 2)) - 10]
}

export const ringTimeoutOf = ({ ringTimeoutSeconds }: CallKind): number =>
  ringTimeoutSeconds ?? PATIENT_SECONDS
