// What a phone does in a call, as data: steps played in order, and habits that hold for the whole call.
import type { Sound } from './sound.ts'

/** Each step is one object with one telling key; times are in milliseconds. */
export type PhoneStep =
  /** Nothing is sent for that long. */
  | { readonly wait: number }
  /** 180 Ringing, then that long. */
  | { readonly ring: number }
  /** 183 with SDP, then the sound; resolves when it has been played. */
  | { readonly earlyMedia: Sound }
  /** 200 OK with SDP; the phone sends RTP from here on. */
  | { readonly answer: true }
  /** A final failure; the script ends. */
  | { readonly reject: number; readonly reason?: string; readonly retryAfter?: number }
  /** Never a final response until CANCEL comes. */
  | { readonly neverAnswer: true }
  | { readonly say: Sound }
  /** Silence is sent, everything is recorded. */
  | { readonly listen: number }
  /** Waits until a voice was heard and then was quiet for that long; `maxMs` (10 s) ends the wait. */
  | { readonly hearUntilQuiet: number; readonly maxMs?: number }
  /** Waits for the other end's BYE, or for `carrier.hangUp`; then hangs up itself. */
  | { readonly untilHangUp: number }
  /** BYE; before the answer CANCEL (the phone that calls) or 480 (the phone that is called). */
  | { readonly hangUp: true }
  /** The phone that calls takes its INVITE back. */
  | { readonly cancel: true }
  /** From here on nothing is sent and nothing is answered, neither SIP nor RTP. */
  | { readonly vanish: true }
  | PhoneHabit

/** Habits hold from the beginning of the call, wherever they stand in the script. */
export type PhoneHabit =
  /** A BYE gets no response. */
  | { readonly ignoreBye: true }
  /** The 200 OK of the called side is never acknowledged. */
  | { readonly noAck: true }
  /** The ACK goes out that much after the first 200 OK. */
  | { readonly ackAfterMs: number }
  /** A CANCEL is crossed by a 200 OK to the INVITE. */
  | { readonly answerOnCancel: true }
  /** No 100 Trying. */
  | { readonly noTrying: true }

export type PhoneScript = readonly PhoneStep[]

export interface PhoneHabits {
  readonly ignoresBye: boolean
  readonly ackAfterMs: number
  readonly acknowledges: boolean
  readonly answersOnCancel: boolean
  readonly sendsTrying: boolean
}

export function habitsOf(script: PhoneScript): PhoneHabits {
  const late = script.find((step) => 'ackAfterMs' in step)
  return {
    ignoresBye: script.some((step) => 'ignoreBye' in step),
    ackAfterMs: late?.ackAfterMs ?? 0,
    acknowledges: !script.some((step) => 'noAck' in step),
    answersOnCancel: script.some((step) => 'answerOnCancel' in step),
    sendsTrying: !script.some((step) => 'noTrying' in step),
  }
}
