// The length of a voice's period, by normalised cross-correlation (ITU-T G.711 Appendix I §I.2.2).

/** 66 to 200 Hz at 8000 samples a second; a higher voice is found at twice or three times its period, as good. */
const SHORTEST_PERIOD = 40
export const LONGEST_PERIOD = 120
/** 20 ms that are compared with what was before them. */
const COMPARED = 160
/** Power of silence, so that the quietest noise does not win by division. */
const LEAST_ENERGY = 250

/** The period of the end of `history`, in samples: every second lag by every second sample first, then near the best. */
export function findPeriod(history: Float64Array): number {
  const coarse = bestLag(history, SHORTEST_PERIOD, LONGEST_PERIOD, 2)
  return bestLag(
    history,
    Math.max(SHORTEST_PERIOD, coarse - 1),
    Math.min(LONGEST_PERIOD, coarse + 1),
    1,
  )
}

function bestLag(history: Float64Array, from: number, to: number, stride: number): number {
  const start = history.length - COMPARED
  let best = from
  let highest = Number.NEGATIVE_INFINITY
  for (let lag = from; lag <= to; lag += stride) {
    let product = 0
    let energy = 0
    for (let at = start; at < history.length; at += stride) {
      const before = history[at - lag] ?? 0
      product += (history[at] ?? 0) * before
      energy += before * before
    }
    const correlation = product / Math.sqrt(Math.max(energy, LEAST_ENERGY))
    if (correlation <= highest) continue
    highest = correlation
    best = lag
  }
  return best
}
