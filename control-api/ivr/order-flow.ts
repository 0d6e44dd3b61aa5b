// The order flow: greeting and consent, order number, its confirmation, its status, help, goodbye. A pure state machine;
// whoever leads a call by it keeps the state and carries out the effects (flow-desk.ts).
import type { EpochMs, FlowInput } from '#core/contracts'
import { hear, keysOnly, type Heard } from './flow-key.ts'
import {
  FLOW_STATE_VERSION,
  type FlowAnswerWord,
  type FlowEffect,
  type FlowFacts,
  type FlowOutcome,
  type FlowRules,
  type FlowState,
} from './flow-state.ts'
import { afterRinging, ask, end, missed, onward, repeat, toHuman } from './flow-moves.ts'
import { consentProof, turnOf } from './flow-turn.ts'
import type { FlowLanguage } from './prompts/catalogue.ts'

export type {
  FlowEffect,
  FlowFacts,
  FlowOutcome,
  FlowRules,
  FlowState,
  OrderStatus,
  PromptProof,
} from './flow-state.ts'

export { turnOf } from './flow-turn.ts'
export { MOST_TURNS } from './flow-moves.ts'

export function beginFlow(
  rules: FlowRules,
  options: { readonly language: FlowLanguage; readonly hasAgent: boolean; readonly at: EpochMs },
): FlowOutcome {
  const state: FlowState = {
    version: FLOW_STATE_VERSION,
    step: 'consent',
    attempt: 1,
    misses: 0,
    form: 'full',
    opening: ['greeting'],
    language: options.language,
    hasAgent: options.hasAgent,
    consent: null,
    orderNumber: null,
    told: null,
    transferTo: null,
    humanFailed: false,
    ending: null,
    asked: { consent: 1, order: 0, order_confirm: 0, help: 0, transfer: 0, end: 0 },
    turns: 1,
    startedAt: options.at,
    turnAt: options.at,
  }
  return { state, turn: turnOf(rules, state), effects: [] }
}

/**
 * Which order the answer is about, whose status is to be in the facts of `advanceFlow`; null: none. Of a caller who
 * refused, the number is used for that alone, and is in no state.
 */
export function orderAskedFor(rules: FlowRules, state: FlowState, input: FlowInput): string | null {
  const heard = hear(rules, state, input)
  if (heard?.kind === 'entry' && state.consent === 'refused') return heard.orderNumber
  return heard?.kind === 'yes' && state.step === 'order_confirm' ? state.orderNumber : null
}

/** The turn after an answer. An input that nothing asked for changes nothing. */
export function advanceFlow(
  rules: FlowRules,
  state: FlowState,
  input: FlowInput,
  facts: FlowFacts,
): FlowOutcome {
  if (state.step === 'transfer' && input.kind === 'transfer-failed') {
    const next = afterRinging(state, facts.at)
    return outcome(rules, { state: next, effects: [] }, 'transfer-failed')
  }
  const heard = hear(rules, state, input)
  if (heard === undefined) return { state, turn: turnOf(rules, state), effects: [] }
  return outcome(
    rules,
    answered(rules, state, heard, facts),
    heard.kind,
    keptKeys(state, heard, input),
  )
}

/** Before the decision only the key that decides may be kept. */
function keptKeys(state: FlowState, heard: Heard, input: FlowInput): string | undefined {
  const isDecision = state.step === 'consent' && (heard.kind === 'yes' || heard.kind === 'no')
  return isDecision || state.consent === 'given' ? keysOnly(input) : undefined
}

interface Next {
  readonly state: FlowState
  readonly effects: readonly FlowEffect[]
}

function outcome(
  rules: FlowRules,
  next: Next,
  answer: FlowAnswerWord,
  digits?: string,
): FlowOutcome {
  const turn = turnOf(rules, next.state)
  return { ...next, turn, answer, ...(digits === undefined ? {} : { digits }) }
}

function answered(rules: FlowRules, state: FlowState, heard: Heard, facts: FlowFacts): Next {
  switch (heard.kind) {
    case 'silence':
      return only(missed(state, [], facts.at))
    case 'invalid':
      return only(
        missed(state, [state.step === 'order' ? 'invalid_order' : 'invalid_key'], facts.at),
      )
    case 'repeat':
      return only(repeat(state, facts.at))
    case 'human':
      return only(toHuman(rules, state, facts.at))
    case 'entry':
      return only(entered(state, heard.orderNumber, facts))
    case 'yes':
    case 'no':
      return decided(rules, state, heard.kind, facts)
    default:
      return heard satisfies never
  }
}

function decided(rules: FlowRules, state: FlowState, answer: 'yes' | 'no', facts: FlowFacts): Next {
  switch (state.step) {
    case 'consent':
      return consentDecided(rules, state, answer, facts.at)
    case 'order_confirm':
      return confirmationDecided(state, answer, facts)
    case 'help':
      return only(
        answer === 'yes'
          ? ask({ ...state, orderNumber: null }, { step: 'order' }, facts.at)
          : end(state, { kind: 'hang-up', reason: 'flow-ended', words: 'goodbye' }, facts.at),
      )
    case 'order':
    case 'transfer':
    case 'end':
      return only(state)
    default:
      return state.step satisfies never
  }
}

function consentDecided(
  rules: FlowRules,
  state: FlowState,
  answer: 'yes' | 'no',
  at: EpochMs,
): Next {
  const given = answer === 'yes'
  const prompt = consentProof(rules, state)
  const effect: FlowEffect = { kind: 'consent', given, digit: given ? '1' : '2', prompt }
  const consented: FlowState = { ...state, consent: given ? 'given' : 'refused' }
  const next =
    given || rules.onRefusal === 'continue'
      ? ask(consented, { step: 'order', opening: given ? [] : ['unrecorded'] }, at)
      : end(consented, { kind: 'hang-up', reason: 'flow-ended', words: 'refused' }, at)
  return { state: next, effects: [effect] }
}

/** Read back to who consented; whose number may not be kept hears the status at once. */
function entered(state: FlowState, orderNumber: string, facts: FlowFacts): FlowState {
  return state.consent === 'given'
    ? ask({ ...state, orderNumber }, { step: 'order_confirm' }, facts.at)
    : served({ ...state, told: facts.orderStatus ?? 'unknown' }, facts.at)
}

function confirmationDecided(state: FlowState, answer: 'yes' | 'no', facts: FlowFacts): Next {
  if (state.orderNumber === null || state.consent !== 'given') return only(state)
  if (answer === 'no') {
    const again = { step: 'order', form: 'short', opening: ['corrected'] } as const
    return only(ask({ ...state, orderNumber: null }, again, facts.at))
  }
  const told = { ...state, told: facts.orderStatus ?? 'confirmed' } as const
  return {
    state: served(told, facts.at),
    effects: [{ kind: 'order', orderNumber: state.orderNumber }],
  }
}

const served = (state: FlowState, at: EpochMs): FlowState => onward(state, ['status'], at)

const only = (state: FlowState): Next => ({ state, effects: [] })
