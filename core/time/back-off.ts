// How long to wait before trying again (after RFC 5626 §4.5): doubling, bounded, and never all at the same moment.
import { ms, type Milliseconds } from '../contracts/index.ts'

export interface BackOff {
  readonly firstMs: number
  readonly maxMs: number
}

/**
 * The wait after the n-th failure in a row, counted from 1: between half of `firstMs · 2^(n−1)`, at most `maxMs`, and
 * the whole of it.
 * @param random from 0 to below 1
 */
export function backOffAfter(
  failures: number,
  { firstMs, maxMs }: BackOff,
  random: () => number,
): Milliseconds {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return ms(Math.round(whole * (0.5 + random() / 2)))
}
