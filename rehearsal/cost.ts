// Money: what the call cost, and what it would have cost with the agent opened at the INVITE. Pure.
import type { Figures } from './measure.ts'

/** US dollars. */
export interface Cost {
  readonly here: number
  readonly openedAtInvite: number
  readonly saved: number
}

export function costOf(
  { agentSeconds, secondsFromInvite }: Pick<Figures, 'agentSeconds' | 'secondsFromInvite'>,
  pricePerMinute: number,
): Cost {
  const here = (agentSeconds / 60) * pricePerMinute
  const openedAtInvite = (secondsFromInvite / 60) * pricePerMinute
  return { here, openedAtInvite, saved: openedAtInvite - here }
}

export const sumOf = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (sum, cost) => ({
      here: sum.here + cost.here,
      openedAtInvite: sum.openedAtInvite + cost.openedAtInvite,
      saved: sum.saved + cost.saved,
    }),
    { here: 0, openedAtInvite: 0, saved: 0 },
  )

export const dollars = (amount: number): string => `$${amount.toFixed(4)}`
