// Calls of which everything is known before they happen: two trunks, both directions, the same minute over and over, so
// that each whole minute has the same figures. The truth beside them is counted from the plan, never from a metric.
import type { CallDirection, CallOutcome } from '../../../core/contracts/index.ts'

export interface PlannedCall {
  readonly direction: CallDirection
  /** Asked first; it failed, and the next was tried. */
  readonly movedFrom: string | null
  /** The one that had it in the end. */
  readonly trunk: string
  readonly outcome: CallOutcome
  /** Unix seconds, of the virtual clock. */
  readonly invitedAt: number
  /** Seconds from the INVITE; null: it never rang. */
  readonly ringsAfter: number | null
  /** Seconds from the INVITE to its answer, or to its failure. */
  readonly decidedAfter: number
  /** Null: nobody picked up. */
  readonly talk: Talk | null
}

export interface Talk {
  readonly seconds: number
  /** From the upgrade request to the close. */
  readonly agentSeconds: number
  readonly mosReceived: number
  /** Null: the far end told nothing. */
  readonly mosSent: number | null
}

export const PRICE_PER_MINUTE = 0.08
export const PERIOD_SECONDS = 60
/** Of each second: what came, what was sent, and what was missing. */
export const RTP_A_SECOND = { received: 490, sent: 500, lost: 10 } as const

/** Evenly spread: of the k-th of n the (k+½)/n part of the way. */
export interface Even {
  readonly from: number
  readonly to: number
}
const nth = ({ from, to }: Even, index: number, count: number): number =>
  from + ((index + 0.5) / count) * (to - from)

type Fate = 'answered' | 'busy' | 'no-answer' | 'declined' | 'canceled' | 'failed' | 'moved'

/** What one trunk has in one direction, each minute. */
interface Plan {
  readonly trunk: string
  readonly direction: CallDirection
  readonly fates: Readonly<Partial<Record<Fate, number>>>
  /** Of all calls but those that failed or moved; null: it is we who ring. */
  readonly ringing: Even | null
  readonly answering: Even
  readonly talking: Even
  readonly mos: Even
  /** When its first call comes, so that none falls on a scrape. */
  readonly offset: number
}

/** Bounds of buckets (core/telemetry/registry/buckets.ts) at the ends and, between them, as many calls on each side as the share says: quantiles are exact then. */
export const PLANS: readonly Plan[] = [
  {
    trunk: 'alpha',
    direction: 'outbound',
    fates: { answered: 6, busy: 3, 'no-answer': 2, canceled: 1, failed: 1, moved: 1 },
    ringing: { from: 0, to: 3 },
    answering: { from: 5, to: 20 },
    talking: { from: 60, to: 120 },
    mos: { from: 3.9, to: 4.3 },
    offset: 0.61,
  },
  {
    trunk: 'beta',
    direction: 'outbound',
    fates: { answered: 5, busy: 1, declined: 1, 'no-answer': 1, failed: 2 },
    ringing: { from: 0, to: 2 },
    answering: { from: 5, to: 30 },
    talking: { from: 20, to: 70 },
    mos: { from: 3.2, to: 4 },
    offset: 1.73,
  },
  {
    trunk: 'alpha',
    direction: 'inbound',
    fates: { answered: 8, canceled: 1, failed: 1 },
    ringing: null,
    answering: { from: 0, to: 0.5 },
    talking: { from: 100, to: 150 },
    mos: { from: 4.1, to: 4.4 },
    offset: 2.87,
  },
  {
    trunk: 'beta',
    direction: 'inbound',
    fates: { answered: 4, failed: 1 },
    ringing: null,
    answering: { from: 0, to: 0.5 },
    talking: { from: 10, to: 30 },
    mos: { from: 2.6, to: 3.4 },
    offset: 4.19,
  },
]

/** From the INVITE to an end without an answer, after it rang. */
const GIVES_UP_AFTER = 12.3
const FAILS_AFTER = 0.2
/** The upgrade request leaves so long after the answer. */
export const AGENT_OPENS_AFTER = 0.004
/** So long before the end of the call: the BYE, the agent’s close, the summary. */
export const BEFORE_END = { bye: 0.02, agentClosed: 0.01, summary: 0.005 } as const

export const plannedCalls = (from: number, to: number): readonly PlannedCall[] => {
  const calls: PlannedCall[] = []
  for (let minute = from; minute < to; minute += PERIOD_SECONDS)
    for (const plan of PLANS) calls.push(...minuteOf(plan, minute))
  return calls
}

function minuteOf(plan: Plan, minute: number): readonly PlannedCall[] {
  const fates = Object.entries(plan.fates).flatMap(([fate, count]) =>
    Array.from({ length: count }, () => fate as Fate),
  )
  const ringing = fates.filter((fate) => fate !== 'failed' && fate !== 'moved').length
  let [rung, answered] = [0, 0]
  return fates.map((fate, index) => {
    const ends = fate === 'failed' || fate === 'moved'
    const rings = plan.ringing === null || ends ? null : nth(plan.ringing, rung++, ringing)
    const share = fate === 'answered' ? answered++ : null
    const of = (even: Even): number => nth(even, share ?? 0, plan.fates.answered ?? 0)
    const talks = share === null ? null : of(plan.talking)
    return {
      direction: plan.direction,
      trunk: fate === 'moved' ? 'beta' : plan.trunk,
      movedFrom: fate === 'moved' ? plan.trunk : null,
      outcome: fate === 'moved' ? 'busy' : fate,
      invitedAt: minute + plan.offset + (index * PERIOD_SECONDS) / fates.length,
      ringsAfter: rings,
      decidedAfter: share !== null ? of(plan.answering) : ends ? FAILS_AFTER : GIVES_UP_AFTER,
      talk: talks === null ? null : talkOf(talks, of(plan.mos), plan.direction),
    }
  })
}

const talkOf = (seconds: number, mos: number, direction: CallDirection): Talk => ({
  seconds,
  agentSeconds: seconds - AGENT_OPENS_AFTER - BEFORE_END.agentClosed,
  mosReceived: mos,
  mosSent: direction === 'inbound' ? null : mos - 0.5,
})

export const endOf = ({ invitedAt, decidedAfter, talk }: PlannedCall): number =>
  invitedAt + decidedAfter + (talk?.seconds ?? 0)

/** When the first trunk failed it, and the next was tried. */
export const movedAt = ({ decidedAfter, invitedAt }: PlannedCall): number =>
  invitedAt + decidedAfter / 2

/** When the agent is closed, if there was one: what it cost is known then. */
export const closedAt = (call: PlannedCall): number => endOf(call) - BEFORE_END.agentClosed
