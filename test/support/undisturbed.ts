// For what is measured in real time: a machine that keeps the test's own process from working spoils it, whatever is measured.
import { createClock } from '../../core/time/index.ts'
import { watchStalls } from '../../rehearsal/stall-watch.ts'
import { calmMoment } from '../../scripts/test-machine.ts'

const TRIES = 3
const CALM_WITHIN_MS = 5000

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
    await calmMoment(CALM_WITHIN_MS)
  }
}
