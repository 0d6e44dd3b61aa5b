// Where a caller is in the order flow, and what the flow is told and tells: plain values, kept as JSON between turns.
import type { CallEventData, E164, EpochMs, FlowStep, FlowTurn } from '#core/contracts'
import type { FlowLanguage, PromptCatalogue } from './prompts/catalogue.ts'

export const ORDER_STATUSES = [
  'confirmed',
  'in_progress',
  'completed',
  'canceled',
  'problem',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

export interface FlowRules {
  /** Empty: the prompts do without. */
  readonly company: string
  /** URL or host; empty: the prompts do without. */
  readonly website: string
  readonly prompts: PromptCatalogue
  isOrderNumber(digits: string): boolean
  /** What the longest order number has. */
  readonly maxOrderDigits: number
  readonly onRefusal: 'end' | 'continue'
  /** Behind key 0; null: nobody is. */
  readonly human: E164 | null
}

/** What is said before the question of a turn. */
export type Opening =
  | 'greeting'
  | 'invalid_key'
  | 'invalid_order'
  | 'nobody'
  | 'nobody_answers'
  | 'unrecorded'
  | 'corrected'
  /** How the order is, by `told`. */
  | 'status'

export type Ending =
  | {
      readonly kind: 'hang-up'
      readonly reason: 'flow-ended' | 'no-input'
      readonly words: 'goodbye' | 'refused' | 'no_input' | 'sorry'
    }
  | { readonly kind: 'agent' }

export const FLOW_STATE_VERSION = 1

export interface FlowState {
  readonly version: typeof FLOW_STATE_VERSION
  readonly step: FlowStep
  /** Of this step in this call, from 1: never given twice, also when a step is come back to. */
  readonly attempt: number
  /** How often this question went unanswered in a row, or was answered by what is no choice. */
  readonly misses: number
  /** The whole question, or its shorter form. */
  readonly form: 'full' | 'short'
  readonly opening: readonly Opening[]
  readonly language: FlowLanguage
  readonly hasAgent: boolean
  /** null: not decided yet; silence leaves it so. */
  readonly consent: 'given' | 'refused' | null
  /** Always null before consent was given: nothing is kept of a caller who refused. */
  readonly orderNumber: string | null
  /** The status said last; null until one was. */
  readonly told: OrderStatus | 'unknown' | null
  /** Whose phone rings, at the step `transfer`. */
  readonly transferTo: E164 | null
  /** A human was called and did not pick up: nobody is called a second time. */
  readonly humanFailed: boolean
  readonly ending: Ending | null
  /** Turns given at each step so far. */
  readonly asked: Readonly<Record<FlowStep, number>>
  /** Questions asked so far. */
  readonly turns: number
  /** Put off by the time a human's phone rang. */
  readonly startedAt: EpochMs
  /** When the current turn was given. */
  readonly turnAt: EpochMs
}

export interface FlowFacts {
  /** Of the number that `orderAskedFor` names; null when there is no such order, or no number. */
  readonly orderStatus: OrderStatus | null
  readonly at: EpochMs
}

export type FlowEffect =
  | {
      readonly kind: 'consent'
      readonly given: boolean
      readonly digit: '1' | '2'
      readonly prompt: PromptProof
    }
  | { readonly kind: 'order'; readonly orderNumber: string }

/** Which words were consented to, or refused. */
export interface PromptProof {
  readonly id: 'consent' | 'consent-again'
  readonly version: string
  readonly language: FlowLanguage
  readonly textSha256: string
}

export type FlowAnswerWord = CallEventData['flow.answered']['answer']

export interface FlowOutcome {
  readonly state: FlowState
  readonly turn: FlowTurn
  readonly effects: readonly FlowEffect[]
  /** Absent when nothing was asked, or the input does not belong to what was: then nothing changed. */
  readonly answer?: FlowAnswerWord
  /** The keys of the answer, where they may be kept. */
  readonly digits?: string
}
