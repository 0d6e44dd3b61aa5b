// How far the recording of a call at Twilio has come.
import type { CallEventType } from '#core/contracts'

export type RecordingStep = 'none' | 'asked' | 'started' | 'paused' | 'over'

export class RecordingState {
  #step: RecordingStep
  /** The turn of the menu that starts it, as `step attempt`. */
  turn: string | null
  /** At Twilio. */
  sid: string | null

  constructor(step: RecordingStep = 'none', turn: string | null = null, sid: string | null = null) {
    this.#step = step
    this.turn = turn
    this.sid = sid
  }

  get step(): RecordingStep {
    return this.#step
  }

  set(step: RecordingStep): void {
    if (this.#step !== 'over') this.#step = step
  }

  /** Of a recording of our own, on a stream. */
  note(type: CallEventType): void {
    if (type === 'recording.started' && this.#step === 'none') this.#step = 'started'
    if (type === 'recording.stored' || type === 'recording.failed' || type === 'recording.empty')
      this.#step = 'over'
  }
}
