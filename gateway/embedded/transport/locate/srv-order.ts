// In which order the targets of a service are tried (RFC 2782): by priority, then by chance in proportion to the weight.

export interface SrvTarget {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

/** `random` as Math.random. Drawn anew for each request: that is what shares the load. */
export function orderSrv(records: readonly SrvTarget[], random: () => number): SrvTarget[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b)
  return priorities.flatMap((priority) =>
    orderByWeight(
      records.filter((record) => record.priority === priority),
      random,
    ),
  )
}

function orderByWeight(records: readonly SrvTarget[], random: () => number): SrvTarget[] {
  // "In any order, except that all those with weight 0 are at the beginning": shuffled, so that a zone without weights
  // shares the load too.
  const left = shuffled(records, random).sort((a, b) => Number(a.weight > 0) - Number(b.weight > 0))
  const ordered: SrvTarget[] = []
  let sum = left.reduce((total, { weight }) => total + weight, 0)
  while (left.length > 0) {
    const drawn = Math.floor(random() * (sum + 1))
    let running = 0
    const index = left.findIndex(({ weight }) => (running += weight) >= drawn)
    const picked = left.splice(Math.max(index, 0), 1)
    for (const { weight } of picked) sum -= weight
    ordered.push(...picked)
  }
  return ordered
}

function shuffled(records: readonly SrvTarget[], random: () => number): SrvTarget[] {
  const left = [...records]
  const result: SrvTarget[] = []
  while (left.length > 0) result.push(...left.splice(Math.floor(random() * left.length), 1))
  return result
}
