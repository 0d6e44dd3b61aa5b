// How the flow goes from turn to turn, and the bounds that make it end: misses in a row, questions, time.
import { epochMs, type EpochMs, type FlowStep } from '#core/contracts'
import { humanReachable } from './flow-turn.ts'
import type { Ending, FlowRules, FlowState, Opening } from './flow-state.ts'

/** A question that goes unanswered so often in a row is given up. */
const MOST_MISSES = 3
/** Questions a call is asked at most, and how long: against loops, whatever causes them. */
export const MOST_TURNS = 12
const MOST_FLOW_MS = 180_000

interface Question {
  readonly step: FlowStep
  readonly form?: FlowState['form']
  readonly opening?: readonly Opening[]
  readonly misses?: number
}

/** Asks, unless enough was asked already. */
export function ask(state: FlowState, question: Question, at: EpochMs): FlowState {
  const opening = question.opening ?? []
  if (state.turns >= MOST_TURNS || at - state.startedAt >= MOST_FLOW_MS) {
    // What the caller came for is still said.
    const kept = opening.filter((piece) => piece === 'status')
    return end(state, canMeetAgent(state) ? toAgent : hangUp(state, 'sorry'), at, kept)
  }
  return {
    ...turned(state, question.step, at),
    form: question.form ?? 'full',
    opening,
    misses: question.misses ?? 0,
    turns: state.turns + 1,
  }
}

export const end = (
  state: FlowState,
  ending: Ending,
  at: EpochMs,
  opening: readonly Opening[] = [],
): FlowState => ({ ...turned(state, 'end', at), form: 'full', opening, ending })

/** No key, or none that is a choice: the question again in short, and in the end a goodbye. Neither yes nor no. */
export function missed(state: FlowState, opening: readonly Opening[], at: EpochMs): FlowState {
  const misses = state.misses + 1
  if (misses < MOST_MISSES) {
    return ask(state, { step: state.step, form: 'short', opening, misses }, at)
  }
  // An agent can help a caller who cannot type.
  if (canMeetAgent(state)) return end(state, toAgent, at)
  return end(state, hangUp(state, state.told === null ? 'no_input' : 'goodbye'), at)
}

/** The same question, whole; it was heard, so it is no miss, and the bound of questions holds. */
export const repeat = (state: FlowState, at: EpochMs): FlowState => {
  const opening: Opening[] = state.step === 'help' && state.told !== null ? ['status'] : []
  return ask(state, { step: state.step, opening, misses: state.misses }, at)
}

/** Where a caller goes who needs no order number any more: to the agent, else to what else there is. */
export const onward = (state: FlowState, opening: readonly Opening[], at: EpochMs): FlowState =>
  canMeetAgent(state) ? end(state, toAgent, at, opening) : ask(state, { step: 'help', opening }, at)

export function toHuman(rules: FlowRules, state: FlowState, at: EpochMs): FlowState {
  if (humanReachable(rules, state)) {
    const called = turned(state, 'transfer', at)
    return { ...called, form: 'full', opening: [], misses: 0, transferTo: rules.human }
  }
  if (canMeetAgent(state)) return end(state, toAgent, at, ['nobody'])
  const { step, misses } = state
  return ask(state, { step, form: 'short', opening: ['nobody'], misses }, at)
}

/** Nobody picked up. Whoever was not asked yet for consent still is; anything else would go past it. */
export function afterRinging(state: FlowState, at: EpochMs): FlowState {
  const waited: FlowState = {
    ...state,
    humanFailed: true,
    transferTo: null,
    startedAt: epochMs(state.startedAt + Math.max(0, at - state.turnAt)),
  }
  return waited.consent === null
    ? ask(waited, { step: 'consent', opening: ['nobody_answers'] }, at)
    : onward(waited, ['nobody_answers'], at)
}

const toAgent: Ending = { kind: 'agent' }

/** With consent alone: what is said to an agent is kept, here and by its vendor, and whoever refused was told that nothing is. */
const canMeetAgent = (state: FlowState): boolean => state.hasAgent && state.consent === 'given'

/** A caller who heard of an order went through the menu, however it ended then. */
const hangUp = (state: FlowState, words: 'goodbye' | 'no_input' | 'sorry'): Ending => ({
  kind: 'hang-up',
  reason: state.told === null ? 'no-input' : 'flow-ended',
  words,
})

/** The step and its next attempt: the name of the new turn. */
function turned(state: FlowState, step: FlowStep, at: EpochMs): FlowState {
  const attempt = state.asked[step] + 1
  return { ...state, step, attempt, asked: { ...state.asked, [step]: attempt }, turnAt: at }
}
