// One established drachtio dialog behind our SipDialog.
import { isDeepStrictEqual } from 'node:util'
import type {
  AnswerEvidence,
  DialogIdentity,
  Milliseconds,
  RemoteTarget,
  Termination,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import { ALLOW } from './allowed-methods.ts'
import type { DigestClient } from './digest/digest-client.ts'
import { Refers } from './drachtio-refer.ts'
import { Reinvites } from './drachtio-reinvite.ts'
import { isGone, requestInDialog, type InDialogRequest } from './drachtio-request.ts'
import { guarded } from './guarded.ts'
import { readInfo } from './info-body.ts'
import { reasonOf } from './q850.ts'
import type { SrfDialog, SrfMessage, SrfResponse } from './drachtio-types.ts'
import { identityOf, targetIn } from './drachtio-identity.ts'
import { readSessionBody, sdpIn } from './session-body.ts'
import type { DialogEnd, DialogListener, Reanswer, ReferAnswer, SipDialog } from './sip-port.ts'

export interface DialogOrigin {
  /** A UAS must not send BYE before its 200 OK is acknowledged (RFC 3261 §15); a UAC has nothing to wait for. */
  readonly acknowledged: boolean
  /** The 200 OK crossed our CANCEL: the SIP server says BYE by itself, and a second one would be one too many. */
  readonly canceled: boolean
  /** Answers the challenges to our requests; absent when we have no account there, and always of a call that came in. */
  readonly digest: DigestClient | undefined
  /** Names the call. */
  readonly logger: Logger
}

export interface DrachtioDialogOptions {
  readonly dialog: SrfDialog
  readonly evidence: AnswerEvidence | null
  readonly listener: DialogListener
  readonly origin: DialogOrigin
  readonly onGone: (dialog: DrachtioDialog) => void
}

/** What drachtio-srf would answer 200 by itself, and nothing would happen. Nobody makes us dial: 603 to a REFER. */
const REFUSED_IN_DIALOG = [
  ['refer', 603],
  ['message', 405],
] as const

/** The server's own BYE leaves together with the 200 OK it passed on; longer means that it does not do so. */
const SERVER_BYE_PATIENCE_MS = 500

/** Both servers say `ACK timeout` of a 200 OK nobody acknowledged; the rest is about the session's timer. */
const endByServer = (reason: string): DialogEnd => ({
  by: 'server',
  reason,
  why: /ACK/.test(reason) ? 'no-ack' : 'session-expired',
})

const sourceOf = ({ source_address = '' }: SrfMessage): string => source_address

const seqOf = (request: SrfMessage): number => Number.parseInt(request.get('CSeq'), 10)

export class DrachtioDialog implements SipDialog {
  readonly identity: DialogIdentity
  readonly evidence: AnswerEvidence | null
  readonly remoteSdp: string
  readonly sourceAddress: string
  readonly #options: DrachtioDialogOptions
  readonly #mayBye = Promise.withResolvers<undefined>()
  readonly #over = new AbortController()
  readonly #reinvites: Reinvites
  readonly #refers: Refers
  #target: RemoteTarget
  /** CSeq of the INVITE whose 200 OK carried our offer, until the ACK that brings its answer (RFC 3261 §13.2.1). */
  #openOffer: number | undefined
  #ended = false
  #isReanswering = false
  #bye: Promise<void> | undefined

  constructor(options: DrachtioDialogOptions) {
    const { dialog, evidence } = options
    this.#options = options
    this.evidence = evidence
    const isCaller = dialog.type === 'uac'
    const described = isCaller ? dialog.res : dialog.req
    this.remoteSdp = sdpIn(described)
    this.sourceAddress = sourceOf(described)
    if (!isCaller && this.remoteSdp === '') this.#openOffer = seqOf(dialog.req)
    this.identity = identityOf(dialog)
    const { remoteTarget, natAddress } = this.identity
    this.#target = { remoteTarget, natAddress }
    const { acknowledged, canceled } = options.origin
    const mayBye = (): void => this.#mayBye.resolve(undefined)
    if (canceled) setTimeout(mayBye, SERVER_BYE_PATIENCE_MS)
    else if (acknowledged) mayBye()
    const { listener } = options
    const { logger } = options.origin
    const on = (act: () => void): void => guarded(listener, logger, act)
    dialog.on('destroy', (request, reason) => on(() => this.#onDestroyed(request, reason)))
    dialog.on('ack', (request) => {
      mayBye()
      on(() => listener.onAcknowledged(this.#answerIn(request), sourceOf(request)))
    })
    // With a listener to `refresh` drachtio-srf would answer by itself whatever keeps its o= line, unread.
    dialog.on('modify', (request, response) => this.#onReinvite(request, response))
    dialog.on('update', (request, response) => this.#onUpdate(request, response))
    dialog.on('info', (request, response) => this.#onInfo(request, response))
    for (const [event, status] of REFUSED_IN_DIALOG)
      dialog.on(event, (_request, response) => response.send(status, { headers: { Allow: ALLOW } }))
    dialog.on('notify', (request, response) => this.#refers.notified(request, response))
    const own = {
      dialog,
      digest: options.origin.digest,
      over: this.#over.signal,
      ready: this.#mayBye.promise,
    }
    this.#reinvites = new Reinvites({
      ...own,
      isBusy: () => this.#isReanswering || this.#openOffer !== undefined,
      onAccepted: (response) => this.#followTarget(response),
    })
    const onProgress = (status: number): void => on(() => listener.onReferProgress?.(status))
    this.#refers = new Refers({ ...own, onProgress })
  }

  bye(timeout: Milliseconds, ending?: Termination): Promise<void> {
    this.#over.abort(new AppError('SIP_UNAVAILABLE', 'the dialog is over'))
    this.#bye ??= this.#sendBye(timeout, ending ? { Reason: reasonOf(ending) } : {})
    return this.#bye
  }

  reinvite(sdp: string, timeout: Milliseconds): Promise<Reanswer> {
    return this.#reinvites.send(sdp, timeout)
  }

  refer(referTo: string, timeout: Milliseconds): Promise<ReferAnswer> {
    return this.#refers.send(referTo, timeout)
  }

  /** The connection to the SIP server broke. */
  lose(): void {
    this.#end({ by: 'lost' })
  }

  async #sendBye(timeout: Milliseconds, headers: InDialogRequest['headers']): Promise<void> {
    if (this.#ended) return
    const sent = this.#mayBye.promise.then(() => this.#destroy(headers))
    try {
      await waitFor(sent, { name: 'the answer to BYE', timeout })
    } catch (error) {
      this.#options.origin.logger.warn({ err: error }, 'the far end did not answer our BYE')
    }
    this.#ended = true
    this.#options.onGone(this)
  }

  async #destroy(headers: InDialogRequest['headers']): Promise<void> {
    if (this.#ended) return
    const { dialog, origin } = this.#options
    try {
      await requestInDialog(dialog, { method: 'BYE', body: '', headers }, origin.digest)
    } catch (error) {
      dialog.srf.removeDialog(dialog)
      // The server ended it already, as it does after a CANCEL that a 200 OK crossed.
      if (!isGone(error)) throw error
    }
  }

  #onDestroyed(
    request: SrfMessage & { readonly source?: string },
    reason: string | undefined,
  ): void {
    if (request.source === 'application') this.#end(endByServer(reason ?? 'unknown'))
    else
      this.#end({ by: 'remote', reason: request.has('Reason') ? request.get('Reason') : undefined })
  }

  #end(end: DialogEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#over.abort(new AppError('SIP_UNAVAILABLE', 'the dialog is over'))
    this.#mayBye.resolve(undefined)
    this.#options.onGone(this)
    this.#options.listener.onEnded(end)
  }

  #followTarget(request: SrfMessage): void {
    const { listener } = this.#options
    const { logger } = this.#options.origin
    const target = targetIn(request, this.identity.routeSet)
    if (!target || isDeepStrictEqual(target, this.#target)) return
    this.#target = target
    guarded(listener, logger, () => listener.onTargetRefreshed(target))
  }

  /** drachtio-srf tells of an ACK later than of the re-INVITE behind it: the CSeq says whose it is. */
  #answerIn(ack: SrfMessage): string | undefined {
    if (this.#openOffer === undefined || seqOf(ack) !== this.#openOffer) return undefined
    this.#openOffer = undefined
    return sdpIn(ack)
  }

  /** Without an offer it refreshes the session or the target and gets no description (RFC 3311 §5.2). */
  #onUpdate(request: SrfMessage, response: SrfResponse): void {
    const body = readSessionBody(request)
    if (body.kind === 'none') {
      response.send(200)
      this.#followTarget(request)
    } else if (body.kind === 'not-understood') response.send(415, { headers: body.headers })
    else if (this.#openOffer !== undefined || this.#reinvites.isUnderWay) response.send(491)
    else this.#reply(request, response, body.sdp)
  }

  /** One without an offer asks for ours. A new one is the end of an older one whose ACK never came. */
  #onReinvite(request: SrfMessage, response: SrfResponse): void {
    const body = readSessionBody(request)
    if (body.kind === 'not-understood') {
      response.send(415, { headers: body.headers })
      return
    }
    if (this.#reinvites.isUnderWay) {
      response.send(491)
      return
    }
    const offer = body.kind === 'sdp' ? body.sdp : ''
    this.#reply(request, response, offer, () => {
      this.#openOffer = offer === '' ? seqOf(request) : undefined
    })
  }

  #onInfo(request: SrfMessage, response: SrfResponse): void {
    const { listener } = this.#options
    const { logger } = this.#options.origin
    const info = readInfo(request)
    if (info.kind === 'refused') {
      response.send(info.status, { headers: info.headers })
      return
    }
    response.send(200)
    if (info.kind === 'key') guarded(listener, logger, () => listener.onDtmf(info.digit))
  }

  /** A media server may take its time to answer; another offer meanwhile is one too many (RFC 3261 §14.2). */
  #reply(request: SrfMessage, response: SrfResponse, offer: string, onSent?: () => void): void {
    const { listener } = this.#options
    const { logger } = this.#options.origin
    if (this.#isReanswering) {
      response.send(500, { headers: { 'Retry-After': '1' } })
      return
    }
    const send = (answer: Reanswer): void => {
      this.#isReanswering = false
      if (this.#ended) return
      if ('status' in answer) {
        response.send(answer.status)
        return
      }
      response.send(200, { body: answer.sdp, headers: { 'Content-Type': 'application/sdp' } })
      onSent?.()
      this.#followTarget(request)
    }
    const defect: Reanswer = { status: 500 }
    const answer = guarded(listener, logger, () => listener.onReoffer(offer, sourceOf(request)))
    if (!(answer instanceof Promise)) {
      send(answer ?? defect)
      return
    }
    this.#isReanswering = true
    answer.then(send, (error: unknown) => {
      logger.error({ err: error }, 'an offer could not be answered')
      send(defect)
    })
  }
}
