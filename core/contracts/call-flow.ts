// Port: a menu of ours that talks to a caller by prompts and keys. Implemented by control-api/ivr; led by the gateway on
// SIP calls, by control-api/twilio on calls of Twilio. Every answer is durable before the next turn is given.
import type { CallIdentity } from './call.ts'
import type { CallId } from './ids.ts'
import type { E164 } from './phone-number.ts'
import type { Milliseconds } from './units.ts'

/** Where a caller is. `transfer`: a human's phone rings; `end`: nothing is asked any more. */
export const FLOW_STEPS = ['consent', 'order', 'order_confirm', 'help', 'transfer', 'end'] as const
export type FlowStep = (typeof FLOW_STEPS)[number]

/** One piece of what is said; digits are read out one by one. Pieces are few and repeat, so that each is kept as audio. */
export type SpokenPart =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'digits'; readonly digits: string }

/** What happens when all of it was said. A key ends the saying where one is listened for. */
export type FlowThen =
  | {
      readonly kind: 'listen'
      readonly maxDigits: number
      /** Ends the entry and is no part of it; null: every key counts. */
      readonly finishOnKey: '#' | null
      /** Silence after what was said, and between keys. */
      readonly timeout: Milliseconds
      /** The keys may stand in the timeline: the caller consented, or they are the consent. */
      readonly keepsDigits: boolean
    }
  /** Who was led here is told so by what was said before. */
  | { readonly kind: 'hang-up'; readonly reason: 'flow-ended' | 'no-input' }
  /** The agent goes on, where the call has one; else as `hang-up`. */
  | { readonly kind: 'agent'; readonly variables: Readonly<Record<string, string>> }
  /** `transfer-failed` is the input that follows when nobody picks up. */
  | { readonly kind: 'transfer'; readonly to: E164 }

export interface FlowTurn {
  readonly step: FlowStep
  /** From 1; with the step it names the turn: what was answered once stays answered. */
  readonly attempt: number
  /** ISO 639-1. */
  readonly language: string
  readonly say: readonly SpokenPart[]
  readonly then: FlowThen
  /** May be recorded from here on (true only once the caller consented). */
  readonly mayRecord: boolean
}

export type FlowInput =
  | { readonly kind: 'digits'; readonly digits: string }
  /** Nothing was pressed in time: neither yes nor no. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'transfer-failed' }

export interface FlowAnswer {
  /** Of the turn that is answered. */
  readonly step: FlowStep
  readonly attempt: number
  readonly input: FlowInput
}

export interface CallFlows {
  /** The first turn; the same again when the call has begun already. @param hasAgent somebody goes on afterwards */
  begin(call: CallIdentity, options: { readonly hasAgent: boolean }): Promise<FlowTurn>
  /**
   * Takes an answer, once: a repeated one gets the same turn again and changes nothing.
   * @throws AppError `NOT_FOUND` when the call has no flow; `DATABASE_UNAVAILABLE`.
   */
  advance(callId: CallId, answer: FlowAnswer): Promise<FlowTurn>
}
