// Our REFERs within one dialog, and the NOTIFYs that tell what comes of it (RFC 3515, RFC 6665, RFC 4488).
import type { Milliseconds } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { DigestClient } from './digest/digest-client.ts'
import { isGone, requestInDialog } from './drachtio-request.ts'
import type { SrfDialog, SrfMessage, SrfResponse } from './drachtio-types.ts'
import { valueOf } from './multipart.ts'
import type { ReferAnswer } from './sip-port.ts'

/** What the REFERs need to know of their dialog. */
export interface ReferDialog {
  readonly dialog: SrfDialog
  readonly digest: DigestClient | undefined
  /** Aborted with the reason when the dialog is over. */
  readonly over: AbortSignal
  /** Resolves when the far end has acknowledged the dialog's first answer. */
  readonly ready: Promise<unknown>
  readonly onProgress: (status: number) => void
}

export class Refers {
  readonly #options: ReferDialog
  /** A NOTIFY may come before the answer to the REFER that asked for it (RFC 3515 §2.4.4). */
  #isSubscribed = false

  constructor(options: ReferDialog) {
    this.#options = options
  }

  /** @throws AppError as SipDialog.refer says */
  async send(referTo: string, timeout: Milliseconds): Promise<ReferAnswer> {
    const { over } = this.#options
    const name = 'the answer to REFER'
    return waitFor(this.#ask(referTo, over), { name, timeout, signal: over })
  }

  /** What the far end tells of the call it places for us; each is answered, whoever sent it. */
  notified(request: SrfMessage, response: SrfResponse): void {
    const isOurs = valueOf(request.has('Event') ? request.get('Event') : '') === 'refer'
    if (!isOurs) response.send(489)
    else if (!this.#isSubscribed) response.send(481)
    else if (!saysSipFragment(request)) response.send(415, { headers: { Accept: SIP_FRAGMENT } })
    else {
      response.send(200)
      if (isTerminated(request)) this.#isSubscribed = false
      const status = /^\s*SIP\/2\.0 ([1-6]\d\d)(?!\d)/i.exec(request.body)?.[1]
      if (status !== undefined) this.#options.onProgress(Number(status))
    }
  }

  async #ask(referTo: string, over: AbortSignal): Promise<ReferAnswer> {
    const { dialog, digest, ready } = this.#options
    await ready
    over.throwIfAborted()
    this.#isSubscribed = true
    const headers = { 'Refer-To': referTo }
    const response = await requestInDialog(
      dialog,
      { method: 'REFER', body: '', headers },
      digest,
    ).catch((error: unknown) => {
      this.#isSubscribed = false
      const why = isGone(error) ? 'the dialog is over' : 'the SIP server did not send it'
      throw new AppError('SIP_UNAVAILABLE', why, { cause: error })
    })
    const { status } = response
    const isAccepted = status < 300
    // Unasked, but some far ends do so: they will tell us nothing (RFC 4488 §4).
    const tells = isAccepted && !declinesSubscription(response)
    if (!tells) this.#isSubscribed = false
    return { status, tells }
  }
}

const SIP_FRAGMENT = 'message/sipfrag'

/** Without a type, which is not allowed, it is taken for what it must be. */
const saysSipFragment = (request: SrfMessage): boolean =>
  ['', SIP_FRAGMENT].includes(
    valueOf(request.has('Content-Type') ? request.get('Content-Type') : ''),
  )

const isTerminated = (request: SrfMessage): boolean =>
  request.has('Subscription-State') && valueOf(request.get('Subscription-State')) === 'terminated'

const declinesSubscription = (response: SrfMessage): boolean =>
  response.has('Refer-Sub') && valueOf(response.get('Refer-Sub')) === 'false'
