// Is the far end still there? A line nobody is at costs money by the minute: silence ends the call, a hold ends it later.
import { ms, type MediaEvent, type RemoteRtp } from '#core/contracts'
import { TimerSet } from '#core/lifecycle'

/** No audio for this long ends a call (media.stalled tells at 5 and 30 s). */
const LOST_AFTER_MS = 30_000
/** Of a call that is held from the start nothing is told; a second later than where it is. */
const NEVER_HEARD_AFTER = ms(LOST_AFTER_MS + 1000)
/** Longer than anybody waits on a line, music or not; the agent costs money all the while. */
const HOLD_LIMIT = ms(600_000)

export class CallerPresence {
  readonly #onLost: () => void
  readonly #silence = new TimerSet()
  readonly #hold = new TimerSet()
  #isAnswered = false
  #isHeard = false
  #isHeld = false
  #isHearing = false

  constructor(onLost: () => void) {
    this.#onLost = onLost
  }

  /** A far end that sends or takes no audio holds the call (RFC 3264 §8.4). */
  describe({ sends, receives }: RemoteRtp): void {
    this.#isHearing = receives
    const isHeld = !sends || !receives
    // A session refreshed while it is held goes on being the same hold.
    if (isHeld === this.#isHeld) return
    this.#isHeld = isHeld
    this.#hold.clear()
    if (isHeld && this.#isAnswered) this.#limitHold()
  }

  answered(): void {
    this.#isAnswered = true
    if (this.#isHeld) this.#limitHold()
    if (!this.#isHeard) this.#silence.after(NEVER_HEARD_AFTER, this.#onLost)
  }

  /** It answered, said where, and takes audio. */
  get isHearing(): boolean {
    return this.#isAnswered && this.#isHearing
  }

  note(event: MediaEvent): void {
    if (event.type === 'media.first_packet_in') this.#heard()
    if (event.type === 'media.stalled') this.#stalled(event.data.silentMs)
  }

  close(): void {
    this.#silence.clear()
    this.#hold.clear()
  }

  #heard(): void {
    this.#isHeard = true
    this.#silence.clear()
  }

  /** Whoever was heard and now holds the call owes us no audio; one that never spoke gets no such excuse. */
  #stalled(silentMs: number): void {
    if (silentMs >= LOST_AFTER_MS && !(this.#isHeld && this.#isHeard)) this.#onLost()
  }

  #limitHold(): void {
    this.#hold.after(HOLD_LIMIT, this.#onLost)
  }
}
