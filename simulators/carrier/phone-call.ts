// One call of the carrier, whichever side began it: its dialog, its sound, its record, its end.
import { messageOf } from '#core/errors'
import type { Clock } from '#core/time'
import type { CallRecorder } from './call-record.ts'
import type { Dialog } from './dialog.ts'
import { createInCall, keyOfInfo, type InCall } from './in-call.ts'
import { MediaDescription } from './media-description.ts'
import type { PhoneHabits, PhoneScript } from './phone-script.ts'
import { checkInDialog } from './protocol-check.ts'
import type { RtpPhone } from './rtp-phone.ts'
import { playScript, type PhoneLine } from './script-player.ts'
import type { HostPort } from './sip-address.ts'
import type { ResponseDraft, SipEndpoint } from './sip-endpoint.ts'
import { cseqOf, headerOf, type HeaderLine, type SipRequest } from './sip-message.ts'
import type { ServerTransaction } from './transaction.ts'

export interface PhoneCallDeps {
  readonly endpoint: SipEndpoint
  readonly clock: Clock
  /** What stands in Contact; not the endpoint's own address when a proxy stands before it. */
  readonly contactAddress: HostPort
  /** URI of the record-routing proxy, if there is one. */
  readonly recordRouteUri: string | undefined
  /** After its end, when its sound is complete. */
  readonly onRetired: (call: PhoneCall) => void
}
export interface PhoneCallParts {
  readonly recorder: CallRecorder
  readonly rtp: RtpPhone
  readonly script: PhoneScript
  readonly habits: PhoneHabits
  readonly localTag: string
  /** The number behind this phone: the user part of its Contact. */
  readonly user: string
}

const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY'
/** The RTP port stays open so long after the end, to catch what still comes. */
const RTP_LINGER_MS = 1000
/** A vanished phone goes on being talked to: longer than any watchdog of the other side should take. */
const VANISHED_KEPT_MS = 120_000

export class PhoneCall {
  readonly recorder: CallRecorder
  readonly rtp: RtpPhone
  readonly habits: PhoneHabits
  readonly localTag: string
  readonly contactUri: string
  readonly deps: PhoneCallDeps
  readonly description: MediaDescription
  readonly inCall: InCall
  readonly #script: PhoneScript
  readonly #ending = new AbortController()
  readonly #awaitingAck = new Map<number, ServerTransaction>()
  #dialog: Dialog | undefined
  #vanished = false
  /** Both sides hung up at once; the other may have forgotten the dialog when our BYE comes. */
  #byesCrossed = false

  constructor(deps: PhoneCallDeps, parts: PhoneCallParts) {
    this.deps = deps
    this.recorder = parts.recorder
    this.rtp = parts.rtp
    this.#script = parts.script
    this.habits = parts.habits
    this.description = new MediaDescription(parts.habits, parts.rtp)
    this.localTag = parts.localTag
    const { host, port } = deps.contactAddress
    this.contactUri = `sip:${parts.user || 'phone'}@${host}:${port}`
    this.inCall = createInCall({
      endpoint: deps.endpoint,
      rtp: parts.rtp,
      description: this.description,
      dialog: () => (this.#vanished || this.hasEnded ? undefined : this.#dialog),
      contact: ['Contact', `<${this.contactUri}>`],
      complain: (complaint) => this.recorder.complain(complaint),
      signal: this.#ending.signal,
    })
  }

  get hasEnded(): boolean {
    return this.recorder.record.endedAt !== null
  }
  get hasVanished(): boolean {
    return this.#vanished
  }
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** Contact, Allow and the proxy's Record-Route, as every message that makes a dialog carries them. */
  dialogHeaders(): HeaderLine[] {
    const { recordRouteUri } = this.deps
    const route: HeaderLine[] = recordRouteUri ? [['Record-Route', `<${recordRouteUri}>`]] : []
    return [...route, ['Contact', `<${this.contactUri}>`], ['Allow', ALLOW]]
  }

  respond(transaction: ServerTransaction, draft: Omit<ResponseDraft, 'toTag'>): void {
    if (this.#vanished) return
    const full = { ...draft, toTag: this.localTag }
    const isAnswer = transaction.request.method === 'INVITE' && draft.status < 300
    this.deps.endpoint.respond(transaction, full, () => {
      if (this.#vanished) return
      this.recorder.complain(`no ACK of the ${draft.status} to INVITE within 64·T1`)
      if (isAnswer) this.bye()
    })
    if (isAnswer && draft.status >= 200) {
      this.#awaitingAck.set(cseqOf(transaction.request).number, transaction)
    }
  }

  establish(dialog: Dialog): void {
    this.#dialog = dialog
  }

  /** Plays the script on the line; `line` is one of the two ends of an INVITE. */
  async run(line: PhoneLine): Promise<void> {
    const { signal } = this.#ending
    try {
      await playScript(line, this.#script, signal)
    } catch (error) {
      // Aborted means that the call ended first, which is how most scripts end.
      if (signal.aborted) return
      this.recorder.complain(`the script stopped: ${messageOf(error)}`)
      line.hangUp()
    }
  }

  receiveRequest(transaction: ServerTransaction): void {
    const { request } = transaction
    const { record } = this.recorder
    this.#checkInDialog(request)
    const isNew = this.#dialog?.acceptCseq(cseqOf(request).number) ?? false
    if (!isNew) this.recorder.complain(`${request.method} without a higher CSeq number`)
    if (request.method !== 'BYE') {
      this.#answerInDialog(transaction)
      return
    }
    this.#byesCrossed = record.byeBy === 'carrier'
    if (record.byeBy === 'gateway') this.recorder.complain('a second BYE')
    if (record.byeBy === null) {
      record.byeAt = this.deps.clock.now()
      record.byeBy = 'gateway'
    }
    for (const invite of this.#awaitingAck.values()) invite.acknowledge()
    if (!this.habits.ignoresBye) this.respond(transaction, { status: 200, reason: 'OK' })
    this.end()
  }

  receiveAck(ack: SipRequest): void {
    this.#checkInDialog(ack)
    const invite = this.#awaitingAck.get(cseqOf(ack).number)
    if (!invite) {
      this.recorder.complain('ACK with the wrong CSeq number')
      return
    }
    invite.acknowledge()
    this.recorder.record.ackAt ??= this.deps.clock.now()
    if (ack.body.length > 0) this.description.follow(ack.body, 'answer')
  }

  /** Ends an answered call from our side. */
  bye(): void {
    const { record } = this.recorder
    if (!this.#dialog || record.byeBy !== null || this.#vanished) return
    record.byeAt = this.deps.clock.now()
    record.byeBy = 'carrier'
    this.rtp.stopSending()
    this.deps.endpoint.request(this.#dialog.request('BYE'), {
      onResponse: ({ status }) => {
        if (status >= 300 && !this.#byesCrossed)
          this.recorder.complain(`BYE was answered ${status}`)
        if (status >= 200) this.end()
      },
      onTimeout: () => {
        this.recorder.complain('no response to BYE')
        this.end()
      },
    })
    // The script has nothing more to do, but the call ends only with the response.
    this.#ending.abort(new Error('hung up'))
  }

  vanish(): void {
    this.#vanished = true
    const now = this.deps.clock.now()
    this.recorder.record.vanishedAt = now
    this.recorder.record.endedAt ??= now
    for (const invite of this.#awaitingAck.values()) invite.acknowledge()
    this.rtp.stopSending()
    this.#ending.abort(new Error('vanished'))
    this.deps.endpoint.timers.after(VANISHED_KEPT_MS, () => this.#retire())
  }

  end(): void {
    if (this.hasEnded) return
    this.recorder.record.endedAt = this.deps.clock.now()
    this.rtp.stopSending()
    this.#ending.abort(new Error('ended'))
    this.deps.endpoint.timers.after(RTP_LINGER_MS, () => this.#retire())
  }

  #retire(): void {
    void this.rtp.close()
    this.deps.onRetired(this)
  }

  #noteKey(info: SipRequest): void {
    const key = keyOfInfo(headerOf(info, 'content-type'), info.body)
    if (key !== undefined) this.recorder.noteInfoKey(key, this.deps.clock.now())
  }

  #checkInDialog(request: SipRequest): void {
    const { recordRouteUri } = this.deps
    if (!this.#dialog) {
      this.recorder.complain(`${request.method} in a dialog that is not made yet`)
      return
    }
    const agreement = {
      contactUri: this.contactUri,
      routes: recordRouteUri ? [recordRouteUri] : [],
      localTag: this.localTag,
      remoteTag: this.#dialog.remoteTag,
    }
    this.recorder.complain(...checkInDialog(request, agreement))
  }

  #answerInDialog(transaction: ServerTransaction): void {
    const { request } = transaction
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE': {
        const hasOffer = request.body.length > 0
        if (hasOffer && !this.description.hearOffer(request.body)) {
          this.respond(transaction, { status: 488, reason: 'Not Acceptable Here' })
          return
        }
        if (hasOffer) this.description.follow(request.body, 'offer')
        const isDescribed = hasOffer || request.method === 'INVITE'
        const type: HeaderLine[] = isDescribed ? [['Content-Type', 'application/sdp']] : []
        const headers = [...this.dialogHeaders(), ...type]
        const body = isDescribed ? this.description.toSdp() : ''
        this.respond(transaction, { status: 200, reason: 'OK', headers, body })
        return
      }
      case 'INFO':
        this.#noteKey(request)
        this.respond(transaction, { status: 200, reason: 'OK', headers: [['Allow', ALLOW]] })
        return
      case 'OPTIONS':
      case 'NOTIFY':
        this.respond(transaction, { status: 200, reason: 'OK', headers: [['Allow', ALLOW]] })
        return
      default: {
        const headers: HeaderLine[] = [['Allow', ALLOW]]
        this.respond(transaction, { status: 405, reason: 'Method Not Allowed', headers })
      }
    }
  }
}

/** Whether that request belongs to a dialog of ours rather than making one. */
export const hasToTag = (request: SipRequest): boolean =>
  /;\s*tag\s*=/i.test(headerOf(request, 'to'))
