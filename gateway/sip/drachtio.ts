// SipPort over drachtio-srf, the same for the embedded server and for drachtio-server.
import DrachtioSrf from 'drachtio-srf'
import type {
  AnswerEvidence,
  CallId,
  CallOffOutcome,
  InviteIdentity,
  Milliseconds,
  MintAnswerEvidence,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { RESTART_SECONDS, waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { ALLOW } from './allowed-methods.ts'
import { createDigestClient } from './digest/digest-client.ts'
import { callOff } from './drachtio-call-off.ts'
import { DrachtioDialog, type DialogOrigin } from './drachtio-dialog.ts'
import { disconnect } from './drachtio-disconnect.ts'
import { guardFrames } from './drachtio-frames.ts'
import { DrachtioInboundInvite } from './drachtio-inbound-invite.ts'
import { DrachtioOutboundInvite } from './drachtio-outbound-invite.ts'
import { sendQuestion } from './drachtio-probe.ts'
import { sendRegister } from './drachtio-register.ts'
import { sendRelease } from './drachtio-release.ts'
import type { Srf, SrfDialog } from './drachtio-types.ts'
import type {
  DialogListener,
  DialogRelease,
  InboundInvite,
  OptionsOutcome,
  OptionsRequest,
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
  /** It takes `X-Voicegate-Tls-Name` off what the network sends; absent: false, as drachtio-server does not. */
  readonly trustsTlsNames?: boolean
  /** A process of its own: what it was doing for us goes on when we are gone. Absent: false. */
  readonly outlivesUs?: boolean
}

export interface DrachtioDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly mint: MintAnswerEvidence
}

/** Methods we answer with 405 outside a dialog, so that a phone that registers or texts is told, not left waiting. */
const REFUSED_METHODS = ['register', 'message', 'subscribe', 'publish', 'refer'] as const

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
  const port = new Drachtio(srf, deps, server)
  const { host, port: adminPort, secret } = server
  srf.connect({
    host,
    port: adminPort,
    secret,
    reconnect: { retryMaxDelay: RECONNECT_MAX_DELAY_MS },
  })
  if (srf.app.client) guardFrames(srf.app.client.wp)
  try {
    await waitFor(connected, { name: 'the SIP server', timeout })
  } catch (error) {
    port.close()
    throw error
  }
  return port
}

class Drachtio implements SipPort {
  readonly trustsTlsNames: boolean
  readonly #outlivesUs: boolean
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
  #isRefusalTold = false
  #onLost = (): void => undefined
  #onRestored = (): void => undefined

  constructor(srf: Srf, deps: DrachtioDeps, server: SipServerAddress) {
    const { trustsTlsNames = false, outlivesUs = false } = server
    this.trustsTlsNames = trustsTlsNames
    this.#outlivesUs = outlivesUs
    this.#srf = srf
    this.#deps = deps
    srf.on('error', (error) => {
      // It is tried again every other second, and may be away for an hour.
      const level = this.#wasLost && !this.#isConnected ? 'debug' : 'warn'
      deps.logger[level]({ err: error }, 'the connection to the SIP server broke')
    })
    srf.on('connect', (error) => {
      this.#isConnected = !error
      if (error) this.#reportRefusal()
      else this.#isRefusalTold = false
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
    // Keys of a call nobody knows (RFC 6086 §4.2.2), news of a transfer nobody asked for (RFC 6665 §4.1.3).
    srf.info((_request, response) => response.send(481))
    srf.notify((_request, response) => response.send(481))
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
      logger: this.#deps.logger.child({ callId: options.callId }),
      adopt: this.adopt.bind(this),
      settled: () => void this.#pending.delete(lose),
      outlivesUs: this.#outlivesUs,
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

  options({ timeout, ...question }: OptionsRequest): Promise<OptionsOutcome> {
    const send = (): Promise<OptionsOutcome> =>
      sendQuestion(this.#srf, { ...question, method: 'OPTIONS', timeout })
    return this.#ask('the answer to OPTIONS', timeout, send)
  }

  callOff(invite: InviteIdentity, timeout: Milliseconds): Promise<CallOffOutcome> {
    return this.#ask('the answer to a late CANCEL', timeout, () => callOff(this.#srf, invite))
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

  /**
   * Mints the evidence: called at the moment the 200 OK of the initial INVITE was received or sent, nowhere else.
   * @param callId null of a second leg: there is no call to mint for, so that no agent can be opened with it
   */
  adopt(
    callId: CallId | null,
    dialog: SrfDialog,
    listener: DialogListener,
    origin: DialogOrigin,
  ): DrachtioDialog {
    const evidence = callId === null ? null : this.#mintFor(callId, dialog, origin)
    const onGone = (gone: DrachtioDialog): void => void this.#dialogs.delete(gone)
    const adopted = new DrachtioDialog({ dialog, evidence, listener, origin, onGone })
    this.#dialogs.add(adopted)
    return adopted
  }

  #mintFor(callId: CallId, dialog: SrfDialog, { acknowledged }: DialogOrigin): AnswerEvidence {
    const { callId: sipCallId, localTag, remoteTag } = dialog.sip
    return this.#deps.mint({
      callId,
      // The form drachtio itself uses: the tag of whoever sent the INVITE.
      dialog: `${sipCallId};from-tag=${acknowledged ? localTag : remoteTag}`,
      cseq: Number.parseInt(dialog.req.get('CSeq'), 10),
      answeredAt: this.#deps.clock.now(),
    })
  }

  get srf(): Srf {
    return this.#srf
  }

  get logger(): Logger {
    return this.#deps.logger
  }

  close(): void {
    this.#isClosed = true
    for (const lose of this.#asked) lose()
    disconnect(this.#srf, this.#deps.logger)
  }

  #receive(invite: DrachtioInboundInvite): void {
    // Without a Contact there is nowhere to send a BYE (RFC 3261 §8.1.1.8).
    if (!invite.hasContact) invite.refuse(400)
    else if (!invite.refuseBody()) this.#handleInvite(invite)
  }

  /** Once until it takes us again. */
  #reportRefusal(): void {
    if (this.#isRefusalTold || !this.#wasLost) return
    this.#isRefusalTold = true
    this.#deps.logger.error('the SIP server is back and refuses our secret: check DRACHTIO_SECRET')
  }

  lose(): void {
    const wasConnected = this.#isConnected
    this.#isConnected = false
    this.#wasLost = true
    for (const lose of [...this.#pending, ...this.#asked]) lose()
    this.#pending.clear()
    for (const dialog of [...this.#dialogs]) dialog.lose()
    // It is told again with every attempt to connect.
    if (wasConnected) this.#onLost()
  }
}
