// Which trunks a number is dialled by, and in which order they are tried. Pure.
import { DEFAULT_ROUTE, type E164, type Trunk, type TrunkRoute } from '#core/contracts'
import { AppError } from '#core/errors'
import { canDial } from '../trunks/trunk.ts'

/** What a call asks of the trunks. */
export interface Wanted {
  readonly to: E164
  /** The number that is to be shown. */
  readonly from?: E164
  /** This one and no other, whatever its routes say. */
  readonly trunk?: string
  /** One of these alone. */
  readonly allowedTrunks?: readonly string[]
}

/** A trunk as it is now. */
export interface Standing {
  readonly trunk: Trunk
  /** It answers, and knows us where we register. The others are tried last: what we know of them may be old. */
  readonly isUsable: boolean
}

/** How well a trunk fits: the one route of it that counts. */
interface Fit extends Standing {
  readonly prefixLength: number
  readonly priority: number
  readonly weight: number
}

/** Of a trunk without routes: `+` is every number. */
const EVERY_NUMBER: readonly TrunkRoute[] = [{ prefixes: ['+'], ...DEFAULT_ROUTE }]

/**
 * Never empty. First what can be used now, within that the longest prefix, then the lowest priority, then by chance in
 * proportion to the weight (as RFC 2782 does).
 * @param random from 0 to below 1
 * @throws AppError `NO_TRUNK`; `REQUEST_INVALID` when the one named is none of ours, `DIAL_NOT_ALLOWED` when it is not
 * among those allowed; `NUMBER_NOT_ALLOWED` when they would dial another number; `FROM_NOT_ALLOWED` when none of them may
 * show `from`
 */
export function selectTrunks(
  standings: readonly Standing[],
  wanted: Wanted,
  random: () => number,
): readonly Trunk[] {
  const { from, to } = wanted
  const fits = fitting(allowedOf(standings, wanted), wanted).filter(({ trunk }) =>
    canDial(trunk, to),
  )
  if (fits.length === 0)
    throw new AppError('NUMBER_NOT_ALLOWED', 'every trunk would dial another number than this')
  const allowed = from === undefined ? fits : fits.filter(({ trunk }) => mayShow(trunk, from))
  if (allowed.length === 0)
    throw new AppError('FROM_NOT_ALLOWED', 'no trunk for this call may show the caller number')
  const classes = Map.groupBy(allowed.toSorted(byRank), rankOf)
  return [...classes.values()].flatMap((equals) => drawn(equals, random)).map(({ trunk }) => trunk)
}

/** Those that whoever asks may use. A trunk that nobody has is no secret to keep: it is told as such. */
function allowedOf(
  standings: readonly Standing[],
  { trunk: name, allowedTrunks }: Wanted,
): readonly Standing[] {
  if (allowedTrunks === undefined || standings.length === 0) return standings
  const allowed = standings.filter(({ trunk }) => allowedTrunks.includes(trunk.name))
  const isKnown = standings.some(({ trunk }) => trunk.name === name)
  if (isKnown && !allowed.some(({ trunk }) => trunk.name === name))
    throw new AppError('DIAL_NOT_ALLOWED', 'this key may not dial by that trunk')
  if (allowed.length === 0)
    throw new AppError('NO_TRUNK', 'none of the trunks that this key may dial by is configured')
  return allowed
}

const mayShow = ({ numbers }: Trunk, from: E164): boolean => numbers.includes(from)

function fitting(standings: readonly Standing[], { to, trunk: name }: Wanted): readonly Fit[] {
  if (standings.length === 0) throw new AppError('NO_TRUNK', 'no trunk is configured')
  if (name !== undefined) {
    const named = standings.find(({ trunk }) => trunk.name === name)
    if (!named)
      throw new AppError('REQUEST_INVALID', 'no trunk of that name is configured', {
        details: { field: 'trunk', what_to_do: 'Name one of those that GET /api/trunks lists.' },
      })
    return [{ ...named, prefixLength: 0, priority: 0, weight: 1 }]
  }
  const fits = standings.flatMap((standing) => {
    const route = bestRoute(standing.trunk, to)
    return route ? [{ ...standing, ...route }] : []
  })
  if (fits.length === 0) throw new AppError('NO_TRUNK', 'no trunk has a route for this number')
  return fits
}

type Route = Pick<Fit, 'prefixLength' | 'priority' | 'weight'>

/** A trunk is tried once, however many of its routes match. */
function bestRoute({ routes = EVERY_NUMBER }: Trunk, to: string): Route | undefined {
  const [best] = routes
    .flatMap(({ prefixes, priority, weight }) =>
      prefixes
        .filter((prefix) => to.startsWith(prefix))
        .map(({ length: prefixLength }) => ({ prefixLength, priority, weight })),
    )
    .toSorted((a, b) => b.prefixLength - a.prefixLength || a.priority - b.priority)
  return best
}

const byRank = (a: Fit, b: Fit): number =>
  Number(b.isUsable) - Number(a.isUsable) ||
  b.prefixLength - a.prefixLength ||
  a.priority - b.priority

const rankOf = ({ isUsable, prefixLength, priority }: Fit): string =>
  [isUsable, prefixLength, priority].join(' ')

/** A weight of 0 is tried when the others failed, and first only where all have it. */
function drawn(equals: readonly Fit[], random: () => number): Fit[] {
  const left = equals.filter(({ weight }) => weight > 0)
  const ordered: Fit[] = []
  let sum = left.reduce((total, { weight }) => total + weight, 0)
  while (left.length > 0) {
    const chance = random() * sum
    let running = 0
    const index = left.findIndex(({ weight }) => (running += weight) > chance)
    // Rounding may leave the last one out.
    for (const fit of left.splice(index === -1 ? left.length - 1 : index, 1)) {
      ordered.push(fit)
      sum -= fit.weight
    }
  }
  return [...ordered, ...equals.filter(({ weight }) => weight <= 0)]
}
