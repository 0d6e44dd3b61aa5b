// The menu of a call as rows of a list: what was asked when, and how it was answered. Pure.
import type { GetCallFlowResponse } from '../../../api/generated/types.gen.ts'

export type Flow = GetCallFlowResponse
type Step = Flow['steps'][number]

/** `waiting`: it is being asked now; `unheard`: the caller was gone; `nothing`: nothing was asked. */
export type RowAnswer = NonNullable<Step['answer']> | 'waiting' | 'unheard' | 'nothing'

export interface MenuRow {
  /** Of its mark on the time axis. */
  readonly key: string
  readonly offsetMs: number
  readonly step: Step['step']
  readonly attempt: number
  readonly answer: RowAnswer
  readonly digits: string | null
  /** A number was entered, and it is not kept (any more). */
  readonly isForgotten: boolean
}

/** Somebody was in the menu, or what came of it is known. */
export const hadMenu = ({ steps, orders }: Flow): boolean => steps.length > 0 || orders.length > 0

/** @param createdAt of the call: the beginning of its axis */
export function menuRows({ steps }: Flow, createdAt: string, isLive: boolean): readonly MenuRow[] {
  return steps.map((step, index) => {
    const offsetMs = Date.parse(step.asked_at) - Date.parse(createdAt)
    return {
      key: `flow.asked@${offsetMs}`,
      offsetMs,
      step: step.step,
      attempt: step.attempt,
      answer: answerOf(step, isLive && index === steps.length - 1),
      digits: step.digits,
      isForgotten: step.answer === 'entry' && step.digits === null,
    }
  })
}

function answerOf({ answer, step }: Step, isNow: boolean): RowAnswer {
  if (answer !== null) return answer
  if (step === 'end') return 'nothing'
  return isNow ? 'waiting' : 'unheard'
}

/** From the first question until nothing more was asked; null while it goes on. */
export function menuSeconds({ started_at: from, finished_at: to }: Flow): number | null {
  if (from === null || to === null) return null
  return Math.max(0, Date.parse(to) - Date.parse(from)) / 1000
}
