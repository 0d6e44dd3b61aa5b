// Is the caller still there? Silence of an answered call is told twice: when it is a stall, and when it must be taken
// for the loss of the far end. A far end that holds the call or only listens owes
// us nothing.

export interface WatchTiming {
  /** Answered, but no RTP for this long: media.stalled. */
  readonly stallMs: number
  /** And for this long: told once more. */
  readonly lostMs: number
}

export class CallerWatch {
  readonly #timing: WatchTiming
  /** From when on audio is owed; never before the answer. */
  #owedFromMs = Number.POSITIVE_INFINITY
  /** The length of silence that is told next. */
  #tellAtMs: number

  constructor(timing: WatchTiming) {
    this.#timing = timing
    this.#tellAtMs = timing.stallMs
  }

  answered(atMs: number): void {
    this.#owedFromMs = atMs
  }

  /** Called several times a second. How long the caller has been silent, when that is to be told now, else null. */
  silence(nowMs: number, heardAtMs: number, owesAudio: boolean): number | null {
    if (!owesAudio) this.#owedFromMs = Math.max(nowMs, this.#owedFromMs)
    const silentMs = nowMs - Math.max(heardAtMs, this.#owedFromMs)
    if (silentMs < this.#timing.stallMs) this.#tellAtMs = this.#timing.stallMs
    if (silentMs < this.#tellAtMs) return null
    const { lostMs } = this.#timing
    this.#tellAtMs = silentMs < lostMs ? lostMs : Number.POSITIVE_INFINITY
    return Math.round(silentMs)
  }
}
