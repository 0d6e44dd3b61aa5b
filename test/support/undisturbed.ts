// For what is measured in real time: a machine that keeps the test's own process from working spoils it, whatever is measured.
import type { Test } from 'tap'
import { createClock } from '../../core/time/index.ts'
import { watchStalls } from '../../rehearsal/stall-watch.ts'
import { calmMoment, STANDSTILL_MS } from '../../scripts/test-machine.ts'
import { findSound, heardShare } from './audio-compare.ts'

const TRIES = 3
/** Of a sound, in pieces of 50 ms, beside a standstill: each takes a few away, or puts some in. */
const MOST_OF_IT = 0.6

/**
 * What was measured; measured again when it is not as it should be and this process was kept from working meanwhile. Still
 * not so, it is what the last measurement says.
 * @param mostMs so long it may be kept from working at a time without harm
 */
export async function undisturbed<T>(
  mostMs: number,
  measure: () => Promise<T>,
  isAsItShould: (measured: T) => boolean,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const watch = watchStalls(createClock())
    const measured = await measure().finally(() => watch.stop())
    const wasKept = watch.stalls.some(({ from, to }) => to - from > mostMs)
    if (tries === TRIES || !wasKept || isAsItShould(measured)) return measured
    await calmMoment()
  }
}

export interface Listener {
  /** The longest that this process, any thread of it, was kept from working so far. */
  readonly longestMs: () => number
  /** Byte for byte; where a frame was missed for want of a processor, most of it, piece by piece. */
  readonly hears: (all: Uint8Array, said: Uint8Array) => boolean
}

/** Listens from now to the end of the test. */
export function listener(t: Pick<Test, 'teardown'>): Listener {
  const watch = watchStalls(createClock())
  t.teardown(() => watch.stop())
  const longestMs = (): number => Math.max(0, ...watch.stalls.map(({ from, to }) => to - from))
  const hears = (all: Uint8Array, said: Uint8Array): boolean => {
    if (Buffer.from(all).includes(Buffer.from(said))) return true
    if (longestMs() <= STANDSTILL_MS) return false
    return heardShare(all, said, findSound(all, said).offsetMs, longestMs()) >= MOST_OF_IT
  }
  return { longestMs, hears }
}
