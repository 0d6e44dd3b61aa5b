// SipPort over drachtio-srf, the same for the embedded server and for drachtio-server.
import DrachtioSrf from 'drachtio-srf'
import type { CallId, Milliseconds, MintAnswerEvidence } from '#core/contracts'
import { AppError } from '#core/errors'
import { RESTART_SECONDS, waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { ALLOW } from './allowed-methods.ts'
import { createDigestClient } from './digest/digest-client.ts'
import { DrachtioDialog, type DialogOrigin } from './drachtio-dialog.ts'
import { DrachtioInboundInvite } from './drachtio-inbound-invite.ts'
import { DrachtioOutboundInvite } from './drachtio-outbound-invite.ts'
import { sendRegister } from './drachtio-register.ts'
import { sendRelease } from './drachtio-release.ts'
import type { Srf, SrfDialog } from './drachtio-types.ts'
import type {
  DialogListener,
  DialogRelease,
  InboundInvite,
  OptionsOutcome,
  OutboundInvite,
  OutboundInviteHandle,
  OutboundInviteListener,
  RegisterOutcome,
  RegisterRequest,
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
const REFUSED_METHODS = ['register', 'message', 'subscribe', 'publish', 'notify', 'refer'] as const

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
  try {
    await waitFor(connected, { name: 'the SIP server', timeout })
  } catch (error) {
    port.close()
    throw error
  }
  return port
}

class Drachtio implements SipPort {
  readonly #srf: Srf
  readonly #deps: DrachtioDeps
  readonly #dialogs = new Set<DrachtioDialog>()
  readonly #pending = new Set<() => void>()
  readonly #asked = new Set<() => void>()
  #handleInvite: (invite: InboundInvite) => void = (invite) =>
    invite.refuse(503, { retryAfterSeconds: RESTART_SECONDS })
  #isReady = (): boolean => false
  #isConnected = false
  #wasLost = false
  #isClosed = false
  #onLost = (): void => undefined
  #onRestored = (): void => undefined

  constructor(srf: Srf, deps: DrachtioDeps) {
    this.#srf = srf
    this.#deps = deps
    srf.on('error', (error) =>
      deps.logger.warn({ err: error }, 'the connection to the SIP server broke'),
    )
    srf.on('connect', (error) => {
      this.#isConnected = !error
      if (this.#isClosed) this.close()
      else if (!error && this.#wasLost) this.#onRestored()
    })
    srf.on('reconnecting', () => this.lose())
    srf.invite((request, response) =>
      this.#receive(new DrachtioInboundInvite(request, response, this)),
    )
    srf.options((_request, response) =>
      this.#isReady()
        ? response.send(200, { headers: { Allow: ALLOW } })
        : response.send(503, { headers: { Allow: ALLOW, 'Retry-After': String(RESTART_SECONDS) } }),
    )
    // Keys of a call nobody knows (RFC 6086 §4.2.2).
    srf.info((_request, response) => response.send(481))
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

  onRestored(listener: () => void): void {
    this.#onRestored = listener
  }

  invite(options: OutboundInvite, listener: OutboundInviteListener): OutboundInviteHandle {
    // drachtio-srf asserts that it is connected, in words nobody could act on.
    if (!this.#isConnected) throw new AppError('SIP_UNAVAILABLE', 'the SIP server is not connected')
    const lose = (): void => attempt.lose()
    const owner = {
      srf: this.#srf,
      logger: this.#deps.logger,
      adopt: this.adopt.bind(this),
      settled: () => void this.#pending.delete(lose),
    }
    const attempt = new DrachtioOutboundInvite(owner, options, listener)
    this.#pending.add(lose)
    attempt.send()
    return attempt
  }

  register(request: RegisterRequest): Promise<RegisterOutcome> {
    const name = 'the answer to REGISTER'
    return this.#ask(name, request.timeout, () => sendRegister(this.#srf, request))
  }

  options(): Promise<OptionsOutcome> {
    return Promise.reject(new AppError('INVALID_STATE', 'OPTIONS of ours are not built yet'))
  }

  release({ dialog, credentials, timeout }: DialogRelease): Promise<number | null> {
    const digest = credentials && createDigestClient(credentials)
    const send = (): Promise<number | null> => sendRelease(this.#srf, dialog, digest)
    return this.#ask('the answer to a late BYE', timeout, send)
  }

  /** Sends, and waits for as long as the SIP server is there, but no longer than `timeout`. */
  async #ask<T>(name: string, timeout: Milliseconds, send: () => Promise<T>): Promise<T> {
    if (!this.#isConnected) throw new AppError('SIP_UNAVAILABLE', 'the SIP server is not connected')
    const lost = Promise.withResolvers<never>()
    const lose = (): void => lost.reject(new AppError('SIP_UNAVAILABLE', 'the SIP server is gone'))
    this.#asked.add(lose)
    try {
      return await waitFor(Promise.race([send(), lost.promise]), { name, timeout })
    } finally {
      this.#asked.delete(lose)
    }
  }

  /** Mints the evidence: called at the moment the 200 OK of the initial INVITE was received or sent, nowhere else. */
  adopt(
    callId: CallId,
    dialog: SrfDialog,
    listener: DialogListener,
    origin: DialogOrigin,
  ): DrachtioDialog {
    const { callId: sipCallId, localTag, remoteTag } = dialog.sip
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
    this.#isClosed = true
    for (const lose of this.#asked) lose()
    try {
      this.#srf.disconnect()
    } catch (error) {
      // drachtio-srf asserts that there is a connection; a retry of its own that succeeds is closed then.
      this.#deps.logger.debug({ err: error }, 'no connection to the SIP server to close')
    }
  }

  #receive(invite: DrachtioInboundInvite): void {
    // Without a Contact there is nowhere to send a BYE (RFC 3261 §8.1.1.8).
    if (!invite.hasContact) invite.refuse(400)
    else if (!invite.refuseBody()) this.#handleInvite(invite)
  }

  lose(): void {
    this.#isConnected = false
    this.#wasLost = true
    for (const lose of [...this.#pending, ...this.#asked]) lose()
    this.#pending.clear()
    for (const dialog of [...this.#dialogs]) dialog.lose()
    this.#onLost()
  }
}
