// The tables of the menu and of orders, typed.
import type { CallProvider, FlowStep } from '#core/contracts'
import type { FlowAnswerWord, OrderStatus } from '../ivr/flow-state.ts'

/** Where a call stands in the menu (ivr/flow-desk.ts). */
export interface FlowCallsTable {
  call_id: string
  /** JSON of ivr/order-flow.ts; null when it was erased. */
  state: string | null
  /** Of the step that is asked now. */
  seq: number
  /** The first one spoken. */
  language: string
  has_agent: number
  started_at: number
  /** Nothing is asked any more, or the call was over before. */
  finished_at: number | null
  /** When the call was. */
  ended_at: number | null
  updated_at: number
}

/** What the menu asked, and what it was answered; the turn that follows an answer is the next one's. */
export interface FlowStepsTable {
  call_id: string
  /** From 0, without gaps: of two answers to one turn, one alone can add the next. */
  seq: number
  step: FlowStep
  attempt: number
  language: string
  prompt_version: string
  asked_at: number
  answered_at: number | null
  answer: FlowAnswerWord | null
  /** Where they may be kept. */
  digits: string | null
  /** JSON of FlowTurn: what the caller heard; null when it was erased. */
  turn: string | null
}

/** Proof: rows are added, and only ever marked as withdrawn. Apart from recordings, which go before it does. */
export interface ConsentsTable {
  consent_id: string
  call_id: string
  provider: CallProvider
  /** E.164; null of an anonymous caller, and once it was erased. */
  number: string | null
  at: number
  given: number
  prompt_id: string
  prompt_version: string
  language: string
  /** Of the words that were spoken, lower-case hexadecimal; null of an imported one. */
  text_sha256: string | null
  digit: string | null
  attempt: number | null
  /** Which voicegate asked. */
  system_version: string
  withdrawn_at: number | null
  /** Whose key. */
  withdrawn_by: string | null
}

export interface OrdersTable {
  order_id: string
  /** Its place in lists: `created_at` in microseconds, later by some when another order has that one already. */
  position: number
  order_number: string
  /** Its letters from the last to the first, so that its end is looked up by index. */
  number_reversed: string
  status: OrderStatus
  notes: string | null
  /** The first that named it; null of an imported one, and when the caller's number was erased. */
  call_id: string | null
  created_at: number
  /** By staff; what a caller confirms again changes nothing. */
  updated_at: number
}

export interface OrderHistoryTable {
  order_id: string
  /** From 0. */
  seq: number
  at: number
  /** A key's id, `caller` or `import`. */
  who: string
  kind: 'confirmed' | 'status' | 'notes' | 'imported'
  /** A status, or notes. */
  from_value: string | null
  to_value: string | null
  call_id: string | null
}
