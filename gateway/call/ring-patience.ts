// What a trunk told of the phone until the ring time was over. One that told nothing is given up for the next trunk: its
// INVITE is taken back, and its last word awaited, so that no phone rings by two of them.
import { termination, type EpochMs, type Milliseconds, type Termination } from '#core/contracts'
import { TimerSet } from '#core/lifecycle'
import type { InviteFailure, OutboundInviteHandle } from '../sip/sip-port.ts'
import type { CallSession } from './call-session.ts'

export class RingPatience {
  readonly #session: CallSession
  readonly #now: () => EpochMs
  readonly #timer = new TimerSet()
  #hasRung = false
  #isHeard = false
  #givenUpAt: EpochMs | undefined

  constructor(session: CallSession, now: () => EpochMs) {
    this.#session = session
    this.#now = now
    session.alsoClose(() => {
      this.#timer.clear()
      return Promise.resolve()
    })
  }

  /** A 180 came: the callee's phone rang. */
  get hasRung(): boolean {
    return this.#hasRung
  }

  begin(invite: OutboundInviteHandle, ringTimeout: Milliseconds): void {
    this.#timer.after(ringTimeout, () => {
      if (this.#session.isEnding()) return
      if (this.#isHeard) this.#session.end(this.#ending())
      else {
        this.#givenUpAt = this.#now()
        invite.cancel()
      }
    })
  }

  heard(status: number): void {
    this.#isHeard ||= status > 100
    this.#hasRung ||= status === 180
  }

  /** It was answered after all: whom we gave up is called no more. */
  answered(): void {
    this.#timer.clear()
    this.endIfGivenUp()
  }

  /** Whether the failure is but the answer to our CANCEL of a trunk that told nothing: the next one may try. */
  failed({ status }: InviteFailure): boolean {
    this.#timer.clear()
    return this.#givenUpAt !== undefined && status === 487 && !this.#hasRung
  }

  /** The next trunk tries. A CANCEL to somebody who never answered anything was never sent (RFC 3261 §9.1). */
  noteCancel({ local }: InviteFailure): void {
    if (this.#givenUpAt === undefined || local) return
    this.#session.timeline.note('sip.cancel', { direction: 'sent' }, this.#givenUpAt)
  }

  /** Nobody is left to try: it ends as it would have ended by the ring time. */
  endIfGivenUp(): void {
    if (this.#givenUpAt !== undefined) this.#session.end(this.#ending())
  }

  #ending(): Termination {
    return this.#isHeard
      ? termination('client_error', 'no-answer', 'callee')
      : termination('upstream_error', 'no-response', 'carrier')
  }
}
