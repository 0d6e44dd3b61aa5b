// What a trunk's routes come to beside those of the others: which choice it is for which numbers, with which share. As
// the gateway picks: the longest beginning that fits, then the lowest priority, then by weight.
import type { Trunk } from '../../components/use-trunks.ts'

export interface RouteShare {
  /** `+49`; `+`: every number. */
  readonly prefix: string
  /** 1: first choice. */
  readonly choice: number
  /** Of all choices for these numbers. */
  readonly choices: number
  /** 0 to 1, among those of the same choice; 1: it is alone. 0: when the others failed. */
  readonly share: number
}

type Routed = Pick<Trunk, 'name' | 'routes'>

interface Placed {
  readonly name: string
  readonly priority: number
  readonly weight: number
}

export function routeShares(trunk: Routed, all: readonly Routed[]): readonly RouteShare[] {
  const prefixes = new Set(trunk.routes.flatMap((route) => route.prefixes))
  return [...prefixes].map((prefix) => {
    const placed = all.flatMap((each) => placeOf(each, prefix) ?? [])
    const priorities = [...new Set(placed.map(({ priority }) => priority))].toSorted(
      (one, other) => one - other,
    )
    const own = placed.find(({ name }) => name === trunk.name)
    const equals = placed.filter(({ priority }) => priority === own?.priority)
    return {
      prefix,
      choice: priorities.indexOf(own?.priority ?? 0) + 1,
      choices: priorities.length,
      share: shareOf(own?.weight ?? 0, equals),
    }
  })
}

/** A trunk is tried once, by its best route for the prefix. */
function placeOf({ name, routes }: Routed, prefix: string): Placed | undefined {
  const [best] = routes
    .filter(({ prefixes }) => prefixes.includes(prefix))
    .toSorted((one, other) => one.priority - other.priority)
  return best && { name, priority: best.priority, weight: best.weight }
}

function shareOf(weight: number, equals: readonly Placed[]): number {
  if (equals.length === 1) return 1
  const sum = equals.reduce((total, each) => total + each.weight, 0)
  // All of them wait for one another: as good as the same.
  return sum === 0 ? 1 / equals.length : weight / sum
}
