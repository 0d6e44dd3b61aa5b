// What an answer to OPTIONS says of a trunk (RFC 3261 §11), how many of them it takes to believe it, and when to ask
// again. Pure.
import { ms, type Milliseconds, type TrunkHealthPolicy, type TrunkReach } from '#core/contracts'
import type { OptionsOutcome } from '../sip/sip-port.ts'

/**
 * Statuses that say that calls would fail as well. Any other one is an answer of somebody who reads SIP and knows what
 * to do with it, also where that is no (401, 403, 404, 405, 501): many carriers like no OPTIONS.
 */
const NO_LIFE: ReadonlySet<number> = new Set([
  408, // Whoever answered for it got no answer.
  500, // It is there, and out of order.
  502, // A proxy in front of nobody.
  503, // Overloaded or in maintenance, and says so.
  504, // A proxy whose next server is gone.
])

/** A failure that our own SIP server made: nobody answered at all. */
export const isAlive = ({ status, detail }: OptionsOutcome): boolean =>
  detail === undefined && !NO_LIFE.has(status)

/** What is believed, and what speaks against it. */
export interface Belief {
  readonly reach: TrunkReach
  /** Answers in a row that say otherwise. */
  readonly against: number
}

export const UNASKED: Belief = { reach: 'unasked', against: 0 }

/** A trunk that never was asked is believed at its first answer; one that never answers is down as any other. */
export function afterAnswer(
  { reach, against }: Belief,
  alive: boolean,
  { downAfter, upAfter }: TrunkHealthPolicy,
): Belief {
  if (alive && reach === 'unasked') return { reach: 'up', against: 0 }
  if (reach === (alive ? 'up' : 'down')) return { reach, against: 0 }
  const count = against + 1
  if (alive) return count >= upAfter ? { reach: 'up', against: 0 } : { reach, against: count }
  return count >= downAfter ? { reach: 'down', against: 0 } : { reach, against: count }
}

/** Not all trunks in the same moment, and none long after the start. */
export const firstDelay = (random: () => number): Milliseconds =>
  ms(Math.round(100 + random() * 900))

/** A tenth earlier or later: two nodes do not ask in step for ever. */
export const nextDelay = (
  { intervalSeconds }: TrunkHealthPolicy,
  random: () => number,
): Milliseconds => ms(Math.round(intervalSeconds * 1000 * (0.9 + random() * 0.2)))
