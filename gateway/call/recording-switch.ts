// Recording by hand: whether there is anything to start, pause or resume, as the policy and the facts of the call say.
import type {
  MediaEvent,
  RecordingAction,
  RecordingRefusal,
  RecordingPolicy,
} from '#core/contracts'

export class RecordingSwitch {
  readonly #policy: RecordingPolicy
  #state: 'not-begun' | 'begun' | 'over' = 'not-begun'

  constructor(policy: RecordingPolicy) {
    this.#policy = policy
  }

  note({ type }: MediaEvent): void {
    if (type === 'recording.started' && this.#state === 'not-begun') this.#state = 'begun'
    if (type === 'recording.stored' || type === 'recording.failed' || type === 'recording.empty')
      this.#state = 'over'
  }

  /** `done`: the media is to be told. One that was started by hand counts at once: a pause may follow on its heels. */
  take(action: RecordingAction, isAnswered: boolean): 'done' | RecordingRefusal {
    if (this.#policy === 'off') return 'off'
    if (!isAnswered) return 'not-answered'
    if (this.#state === 'over') return 'over'
    if (action === 'start') this.#state = 'begun'
    return this.#state === 'begun' ? 'done' : 'not-started'
  }
}
