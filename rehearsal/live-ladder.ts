// The ladder of a call while it lasts: looked at again and again, each rung told once. The whole, exact one comes with
// the result.
import type { CallEvent } from '#core/contracts'
import { LAST_RTP, rungsOf, type Climb, type Rung } from './ladder.ts'
import type { Stage } from './stage.ts'
import type { TimelineFact } from './take.ts'

/** Seen at once by somebody who looks on, and next to no work. */
const LOOK_MS = 50
/** Many times what the calls of a scenario tell; other calls of the run are heard too. */
const MAX_FACTS = 5000

/** What is known of the call by now. */
export type Known = Pick<Climb, 'carrier' | 'sessions'> & { readonly callId: string | undefined }

/** @returns looks a last time and ends it */
export function watchLadder(
  { events, clock, productAheadMs }: Pick<Stage, 'events' | 'clock' | 'productAheadMs'>,
  known: () => Known,
  onRung: (rung: Rung) => void,
): () => void {
  const facts: { readonly callId: string; readonly fact: TimelineFact }[] = []
  const told = new Set<string>()
  const unsubscribe = events.subscribe((event) => {
    const { callId } = event
    if (facts.length < MAX_FACTS) facts.push({ callId, fact: factOf(event, productAheadMs) })
  })
  const look = (isOver: boolean): void => {
    const { callId, carrier, sessions } = known()
    const timeline = facts.filter((each) => each.callId === callId).map(({ fact }) => fact)
    for (const rung of rungsOf({ carrier, sessions, timeline, takenAt: clock.now() })) {
      // While they talk each packet is the last so far, and one may come after the BYE.
      if (rung.label === LAST_RTP && !isOver) continue
      const name = `${rung.offsetMs} ${rung.lane} ${rung.direction} ${rung.label}`
      if (told.has(name)) continue
      told.add(name)
      onRung(rung)
    }
  }
  const timer = setInterval(() => look(false), LOOK_MS)
  return () => {
    clearInterval(timer)
    unsubscribe()
    look(true)
  }
}

/** As the timeline of REST has it: snake_case. */
function factOf({ at, type, data }: CallEvent, productAheadMs: number): TimelineFact {
  const fields = Object.entries(data).map(([key, value]: [string, unknown]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ])
  return {
    at: at - productAheadMs,
    type,
    fields: Object.fromEntries(fields) as TimelineFact['fields'],
  }
}
