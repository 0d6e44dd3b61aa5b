// What comes of an INVITE: what was heard of it until it failed or was given up, and what an ending waits for on the wire,
// which is its final response, or the BYE to an answer that came too late.
import { ms, termination, type Termination } from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import { terminationOfFailure } from '../sip/sip-failure.ts'
import type { InviteFailure, SipDialog } from '../sip/sip-port.ts'

/** The far end has 64·T1 to answer a CANCEL or BYE or to send a late ACK (RFC 3261 §9.1, §15); and a little more. */
export const FAREWELL_DEADLINE = ms(36_000)

export class InviteOutcome {
  readonly #logger: Logger
  readonly #settled = Promise.withResolvers<undefined>()
  #provisionalSeen = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** A 100 Trying is of the next hop: nothing rang, so it is not the callee who did not answer. */
  heard(status: number): void {
    this.#provisionalSeen ||= status > 100
  }

  /** How the call ends when nobody answered in time. */
  get unanswered(): Termination {
    return this.#provisionalSeen
      ? termination('client_error', 'no-answer', 'callee')
      : termination('upstream_error', 'no-response', 'carrier')
  }

  /** How the call ends when the INVITE failed. */
  failedBy({ status, local, lost }: InviteFailure): Termination {
    const provisionalSeen = this.#provisionalSeen
    return terminationOfFailure(status, { provisionalSeen, local, lost })
  }

  /** The final response is there, or none is to come. */
  settle(): void {
    this.#settled.resolve(undefined)
  }

  /** The record waits for this BYE, and with it a shutdown: the phone that answered must not be left hanging. */
  endLateAnswer(dialog: SipDialog): void {
    const bye = dialog.bye(FAREWELL_DEADLINE).catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'ending an answer that came too late failed')
    })
    this.#settled.resolve(bye.then(() => undefined))
  }

  /** @throws AppError `TIMED_OUT` */
  async settled(): Promise<void> {
    const name = 'the final response to the INVITE'
    await waitFor(this.#settled.promise, { name, timeout: FAREWELL_DEADLINE })
  }
}
