// The phone that calls: it sends the gateway an INVITE and sees it through (RFC 3261 §13.2, §9.1).
import { dialogOfAnswer } from './dialog.ts'
import type { InCall } from './in-call.ts'
import type { PhoneCall } from './phone-call.ts'
import { checkAnswer } from './protocol-check.ts'
import type { PhoneLine } from './script-player.ts'
import type { HostPort } from './sip-address.ts'
import { cseqOf, type HeaderLine, type SipResponse } from './sip-message.ts'
import type { ClientTransaction } from './transaction.ts'

export interface CallTarget {
  readonly uri: string
  /** Another than `uri` when a registered contact is called. */
  readonly toUri: string
  readonly fromUri: string
  readonly callId: string
  readonly to: HostPort
}

/** 64·T1 (RFC 3261 §9.1). */
const CANCEL_DEADLINE_MS = 32_000

export class CallingPhone implements PhoneLine {
  readonly call: PhoneCall
  readonly #target: CallTarget
  readonly #answered = Promise.withResolvers<undefined>()
  #invite: ClientTransaction | undefined
  #sendAck: (() => void) | undefined
  #hadProvisional = false
  #wantsCancel = false

  constructor(call: PhoneCall, target: CallTarget) {
    this.call = call
    this.#target = target
    // A script that waits for the answer must not wait for ever.
    call.signal.addEventListener('abort', () => this.#answered.resolve(undefined), { once: true })
  }

  get inCall(): InCall {
    return this.call.inCall
  }

  /** Sends the INVITE; the RTP port must be open. */
  start(): void {
    const { uri, toUri, fromUri, callId, to } = this.#target
    const headers: HeaderLine[] = [
      ['From', `<${fromUri}>;tag=${this.call.localTag}`],
      ['To', `<${toUri}>`],
      ['Call-ID', callId],
      ['CSeq', '1 INVITE'],
      ...this.call.dialogHeaders(),
      ['Content-Type', 'application/sdp'],
    ]
    this.call.recorder.record.inviteAt = this.call.deps.clock.now()
    const draft = { method: 'INVITE', uri, headers, body: this.call.description.toSdp(), to }
    this.#invite = this.call.deps.endpoint.request(draft, {
      onResponse: (response) => this.#receive(response),
      onTimeout: () => {
        this.call.recorder.complain('no response to INVITE')
        this.call.end()
      },
    })
  }

  run(): Promise<void> {
    return this.call.run(this)
  }

  /** A CANCEL waits for the first provisional response; the call then ends with 487, or with BYE if 200 crossed it. */
  cancel(): void {
    if (this.call.recorder.record.finalStatus !== null || !this.#invite) return
    this.#wantsCancel = true
    if (!this.#hadProvisional || this.call.recorder.record.cancelAt !== null) return
    this.call.recorder.record.cancelAt = this.call.deps.clock.now()
    this.call.deps.endpoint.cancel(this.#invite)
    this.call.deps.endpoint.timers.after(CANCEL_DEADLINE_MS, () => {
      if (this.call.recorder.record.finalStatus !== null) return
      this.call.recorder.complain('no final response to INVITE after CANCEL')
      this.call.end()
    })
  }

  hangUp(): void {
    if (this.call.recorder.record.answeredAt === null) this.cancel()
    else this.call.bye()
  }

  vanish(): void {
    this.#invite?.stop()
    this.call.vanish()
  }

  async untilMedia(): Promise<void> {
    await this.#answered.promise
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

  ring(): never {
    throw new Error('only the phone that is called can ring')
  }

  startEarlyMedia(): never {
    throw new Error('only the phone that is called has early media')
  }

  answer(): never {
    throw new Error('only the phone that is called can answer')
  }

  reject(): never {
    throw new Error('only the phone that is called can reject')
  }

  #receive(response: SipResponse): void {
    if (this.call.hasVanished) return
    if (response.status < 200) this.#receiveProvisional(response)
    else if (response.status < 300) this.#receiveAnswer(response)
    else {
      this.call.recorder.record.finalStatus = response.status
      this.call.end()
    }
  }

  #receiveProvisional(response: SipResponse): void {
    this.#hadProvisional = true
    const { record } = this.call.recorder
    if (response.status > 100) record.provisionalAt ??= this.call.deps.clock.now()
    if (this.#wantsCancel) this.cancel()
  }

  #receiveAnswer(answer: SipResponse): void {
    const { recorder, deps, habits, rtp } = this.call
    const { record } = recorder
    if (record.answeredAt !== null) {
      this.#sendAck?.() // The 200 came again: our ACK was lost.
      return
    }
    record.answeredAt = deps.clock.now()
    record.finalStatus = answer.status
    const ownRoutes = deps.recordRouteUri ? [deps.recordRouteUri] : []
    recorder.complain(...checkAnswer(answer, ownRoutes))
    const dialog = dialogOfAnswer(answer, ownRoutes, this.#target.to)
    this.call.establish(dialog)
    this.call.description.follow(answer.body, 'answer')
    rtp.startSending()
    const acknowledge = (): void => {
      if (this.call.hasVanished) return
      record.ackAt = deps.clock.now()
      this.#sendAck = deps.endpoint.acknowledge(dialog.ack(cseqOf(answer).number))
    }
    if (habits.acknowledges) {
      if (habits.ackAfterMs > 0) deps.endpoint.timers.after(habits.ackAfterMs, acknowledge)
      else acknowledge()
    }
    if (this.#wantsCancel) this.call.bye()
    else this.#answered.resolve(undefined)
  }
}
