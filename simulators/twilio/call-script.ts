// What the person at the other end of a call does, as data and small decisions. Every field has a default.
import type { SpeechName } from '#simulators/speech'
import type { DialAsked, GatherAsked, GatherRecord } from './records.ts'

/** Keys, or what else is done when a Gather asks. Undefined or no keys: silence. */
export type GatherAnswer =
  | string
  | {
      readonly press: string
      /** After what was said; with `during`, after it began. Default 0. */
      readonly afterMs?: number
      /** Between keys. Default 5. */
      readonly gapMs?: number
      /** Does not wait for the end of what is said. */
      readonly during?: boolean
    }
  | { readonly hangUp: true; readonly afterMs?: number }
  | undefined

/** What is said and done while a stream is connected; times are in milliseconds of real time. */
export type TalkStep =
  | { readonly say: SpeechName | Buffer }
  | { readonly wait: number }
  /** Until a voice was heard, and then so much of silence; `maxMs` (10 s) ends the wait. */
  | { readonly hearUntilQuiet: number; readonly maxMs?: number }
  | { readonly press: string }
  | { readonly hangUp: true }

/** What becomes of one callback on its way. */
export type Delivery = 'once' | 'repeated' | 'late' | 'forged' | 'lost'

export type CallbackEvent = 'initiated' | 'ringing' | 'answered' | 'completed'

export type AnsweredBy = 'human' | 'machine' | 'fax' | 'unknown'

export type DialOutcome = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'

export interface CallScript {
  /** Of a call placed by REST. Default `answers`. */
  readonly outcome?: 'answers' | 'busy' | 'no-answer' | 'failed'
  /** How long it rings before the outcome, once `ringing` was told; `no-answer` rings until the call's Timeout. Default 20. */
  readonly ringMs?: number
  /** What machine detection finds; null: it never says. Default `human`. */
  readonly answeredBy?: AnsweredBy | null
  /** After the answer. Default 50. */
  readonly verdictMs?: number
  /** Answers to the first, second, … Gather. */
  readonly keys?: readonly GatherAnswer[]
  /** Goes before `keys`. @param earlier those of this call that are over */
  readonly onGather?: (gather: GatherAsked, earlier: readonly GatherRecord[]) => GatherAnswer
  /** As soon as a stream is connected. */
  readonly talk?: readonly TalkStep[]
  /** What becomes of a Dial. Default: `completed`, after 20 ms of ringing and 50 of talk. */
  readonly onDial?: (dial: DialAsked) => {
    readonly outcome: DialOutcome
    readonly ringMs?: number
    readonly talkMs?: number
  }
  /** So long after the answer; undefined: never. */
  readonly hangUpAfterMs?: number
  /** Of status callbacks: all of them, or by event. `reversed`: kept until the call is over, the last one first. */
  readonly statusCallbacks?:
    | Delivery
    | 'reversed'
    | Readonly<Partial<Record<CallbackEvent, Delivery>>>
  /** How late `late` is. Default 300. */
  readonly lateMs?: number
  /** Of requests for TwiML: `repeated` sends each twice at once and goes on with the first answer. Default `once`. */
  readonly webhooks?: 'once' | 'repeated' | 'forged'
  /** What becomes of a recording. Default `completed`. */
  readonly recording?: 'completed' | 'absent'
}
