// What is reckoned from the counts of calls. Pure.
import type { Counts } from '../../components/voximplant/shapes.ts'

/** From what was reached to what was not. */
export const OUTCOMES = [
  'answered',
  'machine',
  'no_answer',
  'busy',
  'declined',
  'canceled',
  'failed',
] as const satisfies readonly (keyof Counts)[]
export type CountedOutcome = (typeof OUTCOMES)[number]

/** Those that go on have no outcome yet. Null: none has ended. */
export function answerRate({ calls, live, answered }: Counts): number | null {
  const ended = calls - live
  return ended <= 0 ? null : answered / ended
}

/** Null: nobody talked. */
export const averageTalk = ({ answered, talk_seconds: seconds }: Counts): number | null =>
  answered === 0 ? null : seconds / answered
