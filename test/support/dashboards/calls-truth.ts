// What the boards should say of the scripted calls, counted from the plan of each.
import {
  closedAt,
  endOf,
  movedAt,
  PLANS,
  PRICE_PER_MINUTE,
  RTP_A_SECOND,
  type Even,
  type PlannedCall,
} from './scripted-calls.ts'

/** Of which calls; all where nothing is said. */
export interface Chosen {
  readonly trunk?: string
  readonly direction?: string
}

/** Of a call that one trunk failed and the next was tried for: the last trunk alone counts, or each that was seized. */
export type Among = 'calls' | 'seizures'

export interface CallsTruth {
  readonly asr: (of: Chosen, among?: Among) => number
  readonly ner: (of: Chosen, among?: Among) => number
  readonly acdSeconds: (of: Chosen) => number
  /** Calls ended. */
  readonly ended: (of: Chosen) => number
  /** Of them, those that the carrier failed. */
  readonly failed: (of: Chosen) => number
  readonly attemptsASecond: (of: Chosen) => number
  readonly mos: (side: 'received' | 'sent', of: Chosen) => number
  readonly agentSeconds: number
  readonly savedSeconds: number
  readonly costUsd: number
  readonly savedUsd: number
  /** Calls that had an agent. */
  readonly talks: number
}

/** ITU-T E.425: answers, and all that is not the network’s fault, of the calls that came to an end. */
const EFFECTIVE = new Set(['answered', 'machine', 'busy', 'no-answer', 'declined', 'canceled'])

/** Of what happened after `from` and not after `to`, as two scrapes at these moments see it. */
export function truthOf(calls: readonly PlannedCall[], from: number, to: number): CallsTruth {
  const isWithin = (time: number): boolean => time > from && time <= to
  const of =
    (chosen: Chosen) =>
    (call: PlannedCall): boolean =>
      (chosen.trunk ?? call.trunk) === call.trunk &&
      (chosen.direction ?? call.direction) === call.direction
  const ended = calls.filter((call) => isWithin(endOf(call)))
  const failedOver = calls.flatMap((call) =>
    call.movedFrom !== null && isWithin(movedAt(call)) ? [{ ...call, trunk: call.movedFrom }] : [],
  )
  const share = (good: (call: PlannedCall) => boolean, chosen: Chosen, among: Among): number => {
    const all = ended.filter(of(chosen))
    const lost = among === 'calls' ? 0 : failedOver.filter(of(chosen)).length
    return all.filter(good).length / (all.length + lost)
  }
  const talks = ended.flatMap((call) => (call.talk === null ? [] : [{ ...call, talk: call.talk }]))
  const agentSeconds = sum(
    calls.filter((call) => isWithin(closedAt(call))).map(({ talk }) => talk?.agentSeconds ?? 0),
  )
  const decided = calls.filter(({ decidedAfter, invitedAt }) => isWithin(invitedAt + decidedAfter))
  const savedSeconds = sum(decided.map(({ decidedAfter }) => decidedAfter))
  return {
    asr: (chosen, among = 'calls') => share(({ outcome }) => outcome === 'answered', chosen, among),
    ner: (chosen, among = 'calls') => share(({ outcome }) => EFFECTIVE.has(outcome), chosen, among),
    acdSeconds: (chosen) => mean(talks.filter(of(chosen)).map(({ talk }) => talk.seconds)),
    ended: (chosen) => ended.filter(of(chosen)).length,
    failed: (chosen) =>
      ended.filter(of(chosen)).filter(({ outcome }) => outcome === 'failed').length,
    attemptsASecond: (chosen) => {
      const begun = calls.filter(({ invitedAt }) => isWithin(invitedAt))
      const first = begun.map(({ movedFrom, ...call }) => ({
        ...call,
        trunk: movedFrom ?? call.trunk,
      }))
      const second = begun.filter(({ movedFrom }) => movedFrom !== null)
      const all = [...first.map((call) => ({ ...call, movedFrom: null })), ...second]
      return all.filter(of(chosen)).length / (to - from)
    },
    mos: (side, chosen) =>
      mean(
        talks
          .filter(of(chosen))
          .flatMap(({ talk }) => (side === 'received' ? talk.mosReceived : (talk.mosSent ?? []))),
      ),
    agentSeconds,
    savedSeconds,
    talks: talks.length,
    costUsd: (agentSeconds / 60) * PRICE_PER_MINUTE,
    savedUsd: (savedSeconds / 60) * PRICE_PER_MINUTE,
  }
}

export const LOSS = RTP_A_SECOND.lost / (RTP_A_SECOND.received + RTP_A_SECOND.lost)

/** Of outbound calls, from the spread that the plans say: of one trunk, or of both together. */
export const postDialDelay = (quantile: number, trunk?: string): number =>
  ofSpreads(
    quantile,
    outbound(trunk).flatMap(({ fates, ringing }) => {
      const { failed = 0, moved = 0 } = fates
      return ringing === null ? [] : [{ ...ringing, weight: total(fates) - failed - moved }]
    }),
  )

export const answerTime = (quantile: number, trunk?: string): number =>
  ofSpreads(
    quantile,
    outbound(trunk).map(({ answering, fates }) => ({ ...answering, weight: fates.answered ?? 0 })),
  )

const outbound = (trunk: string | undefined): (typeof PLANS)[number][] =>
  PLANS.filter((plan) => plan.direction === 'outbound' && (trunk ?? plan.trunk) === plan.trunk)

interface Weighted extends Even {
  readonly weight: number
}

/** Where that share of all lies below, by halving. */
function ofSpreads(quantile: number, spreads: readonly Weighted[]): number {
  const below = (value: number): number =>
    sum(
      spreads.map(
        ({ from, to, weight }) => weight * Math.min(1, Math.max(0, (value - from) / (to - from))),
      ),
    )
  const wanted = quantile * sum(spreads.map(({ weight }) => weight))
  let low = Math.min(...spreads.map(({ from }) => from))
  let high = Math.max(...spreads.map(({ to }) => to))
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2
    if (below(middle) < wanted) low = middle
    else high = middle
  }
  return high
}

const total = (fates: Readonly<Record<string, number>>): number => sum(Object.values(fates))
const sum = (all: readonly number[]): number => all.reduce((whole, each) => whole + each, 0)
const mean = (all: readonly number[]): number => sum(all) / all.length
