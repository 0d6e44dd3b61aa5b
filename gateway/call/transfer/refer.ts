// A transfer by the carrier (RFC 3515): it is asked to call the human, and tells what comes of it.
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { terminationOfFailure } from '../../sip/sip-failure.ts'
import type { ReferAnswer, SipDialog } from '../../sip/sip-port.ts'
import { triesNextTrunk } from '../../trunks/failover.ts'
import type { CallSession } from '../call-session.ts'

/** Whoever takes REFER says so at once; the caller waits. */
const ANSWER_DEADLINE = ms(8000)
/** A phone rings for half a minute; a carrier that tells nothing for longer has forgotten us. */
const NEWS_DEADLINE = ms(60_000)

export type Referred =
  /** The human has the caller, as far as we are ever told. */
  | { readonly kind: 'accepted' }
  /** Nobody rang: it may be tried another way. Null when nobody answered. */
  | { readonly kind: 'refused'; readonly sipStatus: number | null }
  /** Somebody did, and nobody is rung twice. */
  | { readonly kind: 'failed'; readonly detail: string; readonly sipStatus: number | null }

export class Referral {
  readonly #session: CallSession
  readonly #dialog: SipDialog
  readonly #told = Promise.withResolvers<Referred>()
  #isAccepted = false
  /** What was told before the answer; undefined after it. */
  #early: number[] | undefined = []
  /** Each once, and nothing behind the last: NOTIFYs are the far end's to send, as many as it likes. */
  readonly #heard = new Set<number>()
  #isOver = false
  #hasRung = false

  constructor(session: CallSession, dialog: SipDialog) {
    this.#session = session
    this.#dialog = dialog
  }

  /**
   * Carriers that tell nothing hang up when they have taken over. One that told of ringing would have told of the
   * answer first: then it is the caller who hung up.
   */
  get mayEndByBye(): boolean {
    return this.#isAccepted && !this.#hasRung
  }

  /** A NOTIFY: it may overtake the answer to the REFER, which is told first all the same. */
  progress(sipStatus: number): void {
    if (this.#isOver || this.#heard.has(sipStatus)) return
    this.#heard.add(sipStatus)
    this.#isOver = sipStatus >= 200
    this.#isAccepted = true
    if (sipStatus < 200) this.#hasRung ||= sipStatus > 100
    else if (sipStatus < 300) this.#hasRung = false
    if (this.#early) this.#early.push(sipStatus)
    else this.#tell(sipStatus)
  }

  #tell(sipStatus: number): void {
    if (this.#session.isEnding()) return
    this.#session.timeline.note('transfer.progress', { sipStatus })
    if (sipStatus < 200) return
    if (sipStatus < 300) this.#answered()
    else this.#told.resolve(this.#failureOf(sipStatus))
  }

  /** Never rejects. */
  async ask(referTo: string): Promise<Referred> {
    const { status, tells } = await this.#askCarrier(referTo)
    if (!this.#session.isEnding())
      this.#session.timeline.note('transfer.referred', { sipStatus: status })
    const early = this.#early ?? []
    this.#early = undefined
    // Whoever tells of it is at it, also where its answer was lost: nobody is rung twice.
    const isAtIt = early.length > 0
    if (status >= 300 && !isAtIt) return { kind: 'refused', sipStatus: status }
    this.#isAccepted = true
    for (const sipStatus of early) this.#tell(sipStatus)
    if (!tells && !isAtIt) return { kind: 'accepted' }
    const name = 'the carrier’s word of a transfer'
    const ended = this.#session.over.then((): Referred => ({ kind: 'refused', sipStatus: null }))
    return waitFor(Promise.race([this.#told.promise, ended]), {
      name,
      timeout: NEWS_DEADLINE,
    }).catch(() => ({
      kind: 'failed',
      detail: 'no-news',
      sipStatus: null,
    }))
  }

  async #askCarrier(referTo: string): Promise<ReferAnswer> {
    try {
      return await this.#dialog.refer(referTo, ANSWER_DEADLINE)
    } catch (error) {
      this.#session.logger.info({ err: error }, 'REFER was not answered')
      const status = error instanceof AppError && error.code === 'TIMED_OUT' ? 408 : 503
      return { status, tells: false }
    }
  }

  #answered(): void {
    this.#session.timeline.note('transfer.answered', { dialog: null })
    this.#told.resolve({ kind: 'accepted' })
  }

  /** The rule of trunks: whoever declined, was busy or let it ring is not rung again. */
  #failureOf(sipStatus: number): Referred {
    const failure = { status: sipStatus, local: false, lost: false }
    if (triesNextTrunk(failure, this.#hasRung)) return { kind: 'refused', sipStatus }
    const context = { provisionalSeen: true, local: false, lost: false }
    const { reason: detail } = terminationOfFailure(sipStatus, context)
    return { kind: 'failed', detail, sipStatus }
  }
}
