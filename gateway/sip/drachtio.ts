// SipPort over drachtio-srf, the same for the embedded server and for drachtio-server.
import DrachtioSrf from 'drachtio-srf'
import type { CallId, Milliseconds, MintAnswerEvidence } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { ALLOW } from './allowed-methods.ts'
import { DrachtioDialog, identityOf, type DialogOrigin } from './drachtio-dialog.ts'
import { DrachtioInboundInvite } from './drachtio-inbound-invite.ts'
import { guarded } from './guarded.ts'
import type { Srf, SrfDialog, SrfError, SrfRequest } from './drachtio-types.ts'
import type {
  DialogListener,
  InboundInvite,
  InviteFailure,
  OutboundInvite,
  OutboundInviteHandle,
  OutboundInviteListener,
  SipPort,
} from './sip-port.ts'

export interface SipServerAddress {
  readonly host: string
  readonly port: number
  readonly secret: string
}

export interface DrachtioDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly mint: MintAnswerEvidence
}

/** Methods we answer with 405 outside a dialog, so that a phone that registers or texts is told, not left waiting. */
const REFUSED_METHODS = [
  'register',
  'message',
  'subscribe',
  'publish',
  'notify',
  'info',
  'refer',
] as const

/** Upper bound of drachtio-srf's growing reconnect delay. */
const RECONNECT_MAX_DELAY_MS = 2000

/**
 * Connects to a SIP server that speaks drachtio's protocol.
 * @throws AppError `SIP_UNAVAILABLE` when it does not accept us within the deadline.
 */
export async function openDrachtio(
  deps: DrachtioDeps,
  server: SipServerAddress,
  timeout: Milliseconds,
): Promise<SipPort> {
  const srf = new DrachtioSrf() as unknown as Srf
  const connected = new Promise<void>((resolve, reject) => {
    srf.on('connect', (error) => {
      if (error)
        reject(
          new AppError('SIP_UNAVAILABLE', 'the SIP server refused our secret', { cause: error }),
        )
      else resolve()
    })
  })
  const port = new Drachtio(srf, deps)
  srf.connect({ ...server, reconnect: { retryMaxDelay: RECONNECT_MAX_DELAY_MS } })
  await waitFor(connected, { name: 'the SIP server', timeout })
  return port
}

class Drachtio implements SipPort {
  readonly #srf: Srf
  readonly #deps: DrachtioDeps
  readonly #dialogs = new Set<DrachtioDialog>()
  readonly #pending = new Set<() => void>()
  #handleInvite: (invite: InboundInvite) => void = (invite) => invite.refuse(503)
  #isReady = (): boolean => false
  #isConnected = false
  #onLost = (): void => undefined

  constructor(srf: Srf, deps: DrachtioDeps) {
    this.#srf = srf
    this.#deps = deps
    srf.on('error', (error) =>
      deps.logger.warn({ err: error }, 'the connection to the SIP server broke'),
    )
    srf.on('connect', (error) => (this.#isConnected = !error))
    srf.on('reconnecting', () => this.#lose())
    srf.invite((request, response) =>
      this.#receive(new DrachtioInboundInvite(request, response, this)),
    )
    srf.options((_request, response) =>
      response.send(this.#isReady() ? 200 : 503, { headers: { Allow: ALLOW } }),
    )
    for (const method of REFUSED_METHODS)
      srf[method]((_request, response) => response.send(405, { headers: { Allow: ALLOW } }))
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  onInvite(handler: (invite: InboundInvite) => void): void {
    this.#handleInvite = handler
  }

  onReadinessAsked(isReady: () => boolean): void {
    this.#isReady = isReady
  }

  onLost(listener: () => void): void {
    this.#onLost = listener
  }

  invite(options: OutboundInvite, listener: OutboundInviteListener): OutboundInviteHandle {
    // drachtio-srf asserts that it is connected, in words nobody could act on.
    if (!this.#isConnected) throw new AppError('SIP_UNAVAILABLE', 'the SIP server is not connected')
    const { logger } = this.#deps
    const attempt = new OutboundAttempt(listener, logger)
    const on = (act: () => void): void => guarded(listener, logger, act)
    const lose = (): void => on(() => attempt.fail({ status: 503, local: true, lost: true }))
    this.#pending.add(lose)
    const headers = {
      ...options.headers,
      From: options.from,
      Contact: `<sip:${options.contactUser}@localhost>`,
      Allow: ALLOW,
    }
    this.#srf.createUAC(
      options.requestUri,
      { localSdp: options.sdp, headers },
      {
        cbRequest: (error, request) => {
          if (!error && request) on(() => attempt.sent(request))
        },
        cbProvisional: ({ status, body }) => on(() => listener.onProvisional(status, body)),
      },
      (error, dialog) => {
        this.#pending.delete(lose)
        const origin = { acknowledged: true, canceled: attempt.isCanceled }
        on(() => {
          if (dialog) listener.onAnswered(this.adopt(options.callId, dialog, listener, origin))
          else attempt.fail(failureOf(error))
        })
      },
    )
    return attempt
  }

  /** Mints the evidence: called at the moment the 200 OK of the initial INVITE was received or sent, nowhere else. */
  adopt(
    callId: CallId,
    dialog: SrfDialog,
    listener: DialogListener,
    origin: DialogOrigin,
  ): DrachtioDialog {
    const { sipCallId, localTag, remoteTag } = identityOf(dialog)
    const evidence = this.#deps.mint({
      callId,
      // The form drachtio itself uses: the tag of whoever sent the INVITE.
      dialog: `${sipCallId};from-tag=${origin.acknowledged ? localTag : remoteTag}`,
      cseq: Number.parseInt(dialog.req.get('CSeq'), 10),
      answeredAt: this.#deps.clock.now(),
    })
    const { logger } = this.#deps
    const onGone = (gone: DrachtioDialog): void => void this.#dialogs.delete(gone)
    const adopted = new DrachtioDialog({ dialog, evidence, listener, origin, logger, onGone })
    this.#dialogs.add(adopted)
    return adopted
  }

  get srf(): Srf {
    return this.#srf
  }

  close(): void {
    try {
      this.#srf.disconnect()
    } catch (error) {
      // drachtio-srf asserts that there is a connection; without one there is nothing to close but its retries.
      this.#deps.logger.debug({ err: error }, 'no connection to the SIP server to close')
    }
  }

  #receive(invite: DrachtioInboundInvite): void {
    // Without a Contact there is nowhere to send a BYE (RFC 3261 §8.1.1.8).
    if (invite.hasContact) this.#handleInvite(invite)
    else invite.refuse(400)
  }

  #lose(): void {
    this.#isConnected = false
    for (const lose of [...this.#pending]) lose()
    this.#pending.clear()
    for (const dialog of [...this.#dialogs]) dialog.lose()
    this.#onLost()
  }
}

/** An INVITE on its way: remembers a CANCEL that came before the request was sent, and fails once only. */
class OutboundAttempt implements OutboundInviteHandle {
  readonly #listener: OutboundInviteListener
  readonly #logger: Logger
  #request: SrfRequest | undefined
  #canceled = false
  #failed = false

  constructor(listener: OutboundInviteListener, logger: Logger) {
    this.#listener = listener
    this.#logger = logger
  }

  get isCanceled(): boolean {
    return this.#canceled
  }

  sent(request: SrfRequest): void {
    this.#request = request
    this.#listener.onSent(request.get('Call-ID'))
    if (this.#canceled) this.#sendCancel()
  }

  cancel(): void {
    if (this.#canceled) return
    this.#canceled = true
    if (this.#request) this.#sendCancel()
  }

  fail(failure: InviteFailure): void {
    if (this.#failed) return
    this.#failed = true
    this.#listener.onFailed(failure)
  }

  #sendCancel(): void {
    this.#request?.cancel({}, (error) => {
      if (error) this.#logger.debug({ err: error }, 'CANCEL was too late')
    })
  }
}

function failureOf(error: SrfError | null): InviteFailure {
  const status = error?.status
  if (status === undefined) return { status: 503, local: true, lost: false }
  return { status, local: (error?.res?.source_address ?? '') === '', lost: false }
}
