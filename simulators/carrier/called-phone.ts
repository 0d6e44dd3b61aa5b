// The phone that is called: it takes an INVITE from the gateway as its script says (RFC 3261 §13.3).
import { dialogOfInvite } from './dialog.ts'
import type { InCall } from './in-call.ts'
import type { PhoneCall } from './phone-call.ts'
import { checkCancel } from './protocol-check.ts'
import type { PhoneLine } from './script-player.ts'
import { decodeVia } from './sip-address.ts'
import { headerOf, type HeaderLine } from './sip-message.ts'
import type { ServerTransaction } from './transaction.ts'

const REASONS: Readonly<Record<number, string>> = {
  302: 'Moved Temporarily',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
  607: 'Unwanted',
  608: 'Rejected',
}

export class CalledPhone implements PhoneLine {
  readonly call: PhoneCall
  readonly #invite: ServerTransaction
  #mediaStarted = false
  #hadProvisional = false

  constructor(call: PhoneCall, invite: ServerTransaction) {
    this.call = call
    this.#invite = invite
  }

  get inCall(): InCall {
    return this.call.inCall
  }

  /** 100, before anything else. */
  try(): void {
    if (this.call.habits.sendsTrying) this.#provisional(100, 'Trying', [], '')
  }

  /** Plays the script; the RTP port must be open. */
  async run(): Promise<void> {
    const { body } = this.#invite.request
    if (body.length > 0 && !this.call.description.hearOffer(body)) {
      this.reject(488)
      return
    }
    await this.call.run(this)
    const isOpen = this.#invite.finalStatus === undefined && !this.call.hasVanished
    if (isOpen && !this.call.hasEnded) this.reject(480)
  }

  ring(): void {
    this.#notePhase()
    this.#provisional(180, 'Ringing', this.call.dialogHeaders(), '')
  }

  startEarlyMedia(): void {
    this.#notePhase()
    this.#startMedia()
    this.#provisional(183, 'Session Progress', this.#sdpHeaders(), this.call.description.toSdp())
  }

  answer(): void {
    if (this.#invite.finalStatus !== undefined || this.call.hasVanished) return
    const { record } = this.call.recorder
    const source = decodeVia(headerOf(this.#invite.request, 'via'))
    const fallback = { host: source?.host ?? '', port: source?.port ?? 0 }
    this.call.establish(dialogOfInvite(this.#invite.request, this.call.localTag, fallback))
    this.#startMedia()
    record.answeredAt = this.call.deps.clock.now()
    record.finalStatus = 200
    const headers = this.#sdpHeaders()
    const body = this.call.description.toSdp()
    this.call.respond(this.#invite, { status: 200, reason: 'OK', headers, body })
  }

  reject(status: number, reason?: string, retryAfterSeconds?: number): void {
    if (this.#invite.finalStatus !== undefined || this.call.hasVanished) return
    const headers: HeaderLine[] =
      retryAfterSeconds === undefined ? [] : [['Retry-After', `${retryAfterSeconds}`]]
    this.call.recorder.record.finalStatus = status
    const text = reason ?? REASONS[status] ?? 'Failed'
    this.call.respond(this.#invite, { status, reason: text, headers })
    this.call.end()
  }

  /** The gateway gives up: 200 to the CANCEL, 487 to the INVITE, unless the script lets the answer cross it. */
  receiveCancel(cancel: ServerTransaction): void {
    const { recorder, habits, deps } = this.call
    recorder.complain(...checkCancel(cancel.request, this.#invite.request, this.#hadProvisional))
    recorder.record.cancelAt ??= deps.clock.now()
    const answersAfterMs = habits.answersCancelAfterMs
    if (answersAfterMs === 0) this.answer()
    this.call.respond(cancel, { status: 200, reason: 'OK' })
    if (answersAfterMs === null) this.reject(487)
    else deps.endpoint.timers.after(answersAfterMs, () => this.answer())
  }

  hangUp(): void {
    if (this.#invite.finalStatus === undefined) this.reject(480)
    else this.call.bye()
  }

  cancel(): void {
    throw new Error('only the phone that calls can cancel')
  }

  vanish(): void {
    this.call.vanish()
  }

  untilMedia(): Promise<void> {
    if (this.#mediaStarted) return Promise.resolve()
    return Promise.reject(new Error('nobody can speak or listen before the answer'))
  }

  play(bytes: Buffer): Promise<void> {
    return this.call.rtp.play(bytes)
  }

  voiceAt(): number | null {
    return this.call.rtp.heard.voiceAt
  }

  heardQuietMs(): number {
    return this.call.rtp.heard.quietMs
  }

  now(): number {
    return this.call.deps.clock.now()
  }

  #startMedia(): void {
    if (this.#mediaStarted) return
    this.#mediaStarted = true
    this.call.description.follow(this.#invite.request.body, 'offer')
    this.call.rtp.startSending()
  }

  #sdpHeaders(): HeaderLine[] {
    return [...this.call.dialogHeaders(), ['Content-Type', 'application/sdp']]
  }

  #notePhase(): void {
    this.call.recorder.record.provisionalAt ??= this.call.deps.clock.now()
  }

  #provisional(status: number, reason: string, headers: HeaderLine[], body: string): void {
    this.#hadProvisional = true
    this.call.respond(this.#invite, { status, reason, headers, body })
  }
}
