// What was decided about a call when it began, as its owner must know it after a restart. Secret variables of the agent
// (`secret__…`) are never kept: after a restart such a call has no agent any more.
import {
  ms,
  type AgentTarget,
  type AnsweringMachine,
  type AnswerWith,
  type Milliseconds,
} from '#core/contracts'

export interface CallPlan {
  readonly answerWith: AnswerWith
  /** Null: nobody is there to talk. */
  readonly agent: AgentTarget | null
  readonly answeringMachine: AnsweringMachine
  readonly ringTimeout: Milliseconds
  readonly maxDuration: Milliseconds
}

export const hasFlow = ({ answerWith }: Pick<CallPlan, 'answerWith'>): boolean =>
  answerWith !== 'agent'

/** An agent will be needed, sooner or later. */
export const needsAgent = ({ answerWith }: Pick<CallPlan, 'answerWith'>): boolean =>
  answerWith !== 'order-ivr'

const SECRET_VARIABLE = /^secret__/i

export function encodePlan(plan: CallPlan): string {
  const names = Object.keys(plan.agent?.dynamicVariables ?? {})
  const agent = names.some((name) => SECRET_VARIABLE.test(name)) ? null : plan.agent
  return JSON.stringify({ ...plan, agent })
}

/** Of what `encodePlan` wrote; undefined of anything else, and of what was erased. */
export function decodePlan(text: string | null): CallPlan | undefined {
  if (text === null) return undefined
  try {
    const plan = JSON.parse(text) as CallPlan
    return { ...plan, ringTimeout: ms(plan.ringTimeout), maxDuration: ms(plan.maxDuration) }
  } catch {
    // Written by another version.
    return undefined
  }
}
