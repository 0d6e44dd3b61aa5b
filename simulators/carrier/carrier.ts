// The carrier: one SIP address, a phone behind every number, a record of every call.
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, messageOf } from '#core/errors'
import { createClock, type Clock } from '#core/time'
import { CallRecorder, type CarrierCallRecord } from './call-record.ts'
import { CalledPhone } from './called-phone.ts'
import { CallingPhone } from './calling-phone.ts'
import { NAMED_SCRIPTS, scriptNameFor, type ScriptName } from './named-scripts.ts'
import { FrontDesk, type FrontDeskOptions, type OptionsFault } from './front-desk.ts'
import { hasToTag, PhoneCall, type PhoneCallDeps } from './phone-call.ts'
import { habitsOf, type PhoneHabit, type PhoneScript } from './phone-script.ts'
import { checkInvite, checkMessage } from './protocol-check.ts'
import type { Answer, Registrar } from './registrar.ts'
import { createRtpClock, type RtpClock } from './rtp-clock.ts'
import { RtpPhone, type RtpPhoneDeps } from './rtp-phone.ts'
import { hostPortOf, tagOf, uriOf, userOf, type HostPort } from './sip-address.ts'
import {
  openSipEndpoint,
  type Datagram,
  type DropFilter,
  type SipEndpoint,
} from './sip-endpoint.ts'
import { headerOf, type HeaderLine, type SipMessage, type SipRequest } from './sip-message.ts'
import type { ServerTransaction, SipTimers } from './transaction.ts'

export interface CarrierOptions extends FrontDeskOptions {
  /** 127.0.0.1. */
  readonly host?: string
  /** 0: any free port. */
  readonly port?: number
  readonly clock?: Clock
  /** Where the phones take RTP; the same as `host`. */
  readonly rtpHost?: string
  /** Stand a record-routing proxy in front of the phones, and insist that it is honoured. */
  readonly recordRoute?: boolean
  /** Of all phones, in addition to those of their scripts. */
  readonly habits?: readonly PhoneHabit[]
  /** Lose SIP datagrams. */
  readonly drop?: DropFilter
  /** Lose RTP packets. */
  readonly dropRtp?: RtpPhoneDeps['drop']
  /** RFC 3261 §17: T1 500 ms, T2 4 s. */
  readonly timers?: SipTimers
}

export interface OutgoingCall {
  /** `sip:number@host:port` of the gateway, or a registered account: then its contact is called. */
  readonly to: string | { readonly account: string }
  /** The caller's number. */
  readonly from: string
  readonly script: PhoneScript | ScriptName
}

export interface Carrier {
  readonly address: HostPort
  /** The last 1,000 calls, oldest first. */
  readonly calls: readonly CarrierCallRecord[]
  /** What belongs to no call: unreadable datagrams, requests in no dialog; the first 100. */
  readonly protocolErrors: readonly string[]
  readonly registrar: Registrar
  /** From the next OPTIONS on; undefined: it is answered again. */
  failOptions(fault: OptionsFault | undefined): void
  /** What the phone of that number does; `*` is for all that have no script of their own. */
  script(number: string, script: PhoneScript | ScriptName): void
  /** The first call that fits, now or within the time. @throws AppError TIMED_OUT */
  waitForCall(
    predicate: (call: CarrierCallRecord) => boolean,
    timeoutMs: number,
  ): Promise<CarrierCallRecord>
  /** Calls the gateway; resolves when the INVITE has been sent. */
  call(options: OutgoingCall): Promise<CarrierCallRecord>
  /** Tells the phone in that call to hang up, whatever its script says. */
  hangUp(call: CarrierCallRecord): void
  /** Hangs up what is up, once and without waiting, and frees everything. */
  close(): Promise<void>
}

const MAX_CALLS = 1000
const MAX_COMPLAINTS = 100
const AUDIO_BUDGET_BYTES = 256 * 1024 * 1024
/** Repeats of the last messages of a call may still come so long. */
const CALL_KEPT_MS = 40_000
const POLL_MS = 10
const NO_SUCH_CALL: Answer = { status: 481, reason: 'Call/Transaction Does Not Exist' }

type Phone = CalledPhone | CallingPhone

class SimulatedCarrier implements Carrier {
  readonly calls: CarrierCallRecord[] = []
  readonly protocolErrors: string[] = []
  readonly #options: CarrierOptions
  readonly #clock: Clock
  readonly #rtpClock: RtpClock = createRtpClock()
  readonly #scripts = new Map<string, PhoneScript | ScriptName>()
  readonly #phones = new Map<string, Phone>()
  readonly #called = new WeakMap<ServerTransaction, CalledPhone>()
  readonly #withAudio: PhoneCall[] = []
  readonly #desk: FrontDesk
  #endpoint: SipEndpoint | undefined
  /** With a proxy in front, what stands in Contact: nothing may arrive here. */
  #behindProxy: SipEndpoint | undefined
  #arriving: { readonly datagram: Datagram; readonly at: ReturnType<Clock['now']> } | undefined
  #closing: Promise<void> | undefined

  constructor(options: CarrierOptions) {
    this.#options = options
    this.#clock = options.clock ?? createClock()
    this.#desk = new FrontDesk(
      options,
      () => this.#clock.now(),
      (complaint) => this.#complain(complaint, undefined),
    )
  }

  get registrar(): Registrar {
    return this.#desk.registrar
  }

  failOptions(fault: OptionsFault | undefined): void {
    this.#desk.failOptions(fault)
  }

  async open(): Promise<this> {
    const { host = '127.0.0.1', port = 0, recordRoute = false } = this.#options
    const timers = this.#options.timers ?? { t1Ms: 500, t2Ms: 4000 }
    const drop = this.#options.drop ?? (() => false)
    const handlers = {
      onDatagram: this.#noteDatagram.bind(this),
      onRequest: this.#receiveRequest.bind(this),
      onAck: this.#receiveAck.bind(this),
      onProtocolError: this.#complain.bind(this),
    }
    this.#endpoint = await openSipEndpoint({ listen: { host, port }, timers, drop }, handlers)
    if (!recordRoute) return this
    const bypassed = {
      onDatagram: (_datagram: Datagram, message: SipMessage | undefined) =>
        this.#complain('a message went past the proxy that record-routed', message),
      onRequest: () => undefined,
      onAck: () => undefined,
      onProtocolError: () => undefined,
    }
    const listen = { host, port: 0 }
    this.#behindProxy = await openSipEndpoint({ listen, timers, drop: () => false }, bypassed)
    return this
  }

  get address(): HostPort {
    if (!this.#endpoint) throw new AppError('INVALID_STATE', 'the carrier is not open')
    return this.#endpoint.address
  }

  get #live(): SipEndpoint {
    if (!this.#endpoint || this.#closing)
      throw new AppError('INVALID_STATE', 'the carrier is closed')
    return this.#endpoint
  }

  script(number: string, script: PhoneScript | ScriptName): void {
    this.#scripts.set(digitsOf(number), script)
  }

  async waitForCall(
    predicate: (call: CarrierCallRecord) => boolean,
    timeoutMs: number,
  ): Promise<CarrierCallRecord> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const found = this.calls.find(predicate)
      if (found) return found
      if (performance.now() >= deadline) {
        const what = 'a call that fits at the carrier'
        throw new AppError('TIMED_OUT', `${what} took longer than ${timeoutMs} ms`)
      }
      await sleep(POLL_MS)
    }
  }

  async call(options: OutgoingCall): Promise<CarrierCallRecord> {
    const { host } = this.#live.address
    const { uri, toUri } = this.#targetOf(options.to)
    const to = hostPortOf(uri)
    if (!to) throw new AppError('REQUEST_INVALID', 'the target is no SIP URI')
    const callId = `${randomUUID()}@${host}`
    const phone = new CallingPhone(
      this.#newCall({
        direction: 'inbound',
        from: options.from,
        to: userOf(toUri),
        sipCallId: callId,
        script: options.script,
        user: options.from,
      }),
      { uri, toUri, fromUri: `sip:${options.from}@${host}`, callId, to },
    )
    this.#phones.set(callId, phone)
    await phone.call.rtp.open(this.#rtpHost)
    phone.start()
    void phone.run()
    return phone.call.recorder.record
  }

  #targetOf(to: OutgoingCall['to']): { readonly uri: string; readonly toUri: string } {
    if (typeof to === 'string') return { uri: to, toUri: to }
    const binding = this.registrar.bindingOf(to.account)
    if (!binding) throw new AppError('INVALID_STATE', 'that account is not registered')
    const { host, port } = this.address
    return { uri: binding.contactUri, toUri: `sip:${to.account}@${host}:${port}` }
  }

  hangUp(call: CarrierCallRecord): void {
    this.#phones.get(call.sipCallId)?.hangUp()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const phone of this.#phones.values()) if (!phone.call.hasEnded) phone.hangUp()
    await this.#endpoint?.close()
    await this.#behindProxy?.close()
    this.#rtpClock.close()
    for (const { call } of this.#phones.values()) call.end()
    await Promise.all([...this.#phones.values()].map(({ call }) => call.rtp.close()))
    this.#phones.clear()
  }

  get #rtpHost(): string {
    return this.#options.rtpHost ?? this.#options.host ?? '127.0.0.1'
  }

  #newCall(plan: CallPlan, inviteAt = this.#clock.now()): PhoneCall {
    const { user, script, ...seed } = plan
    const drop = this.#options.dropRtp ?? (() => false)
    const steps = typeof script === 'string' ? NAMED_SCRIPTS[script] : script
    const habits = habitsOf([...steps, ...(this.#options.habits ?? [])])
    const rtp = new RtpPhone({ clock: this.#clock, rtpClock: this.#rtpClock, drop }, habits)
    const recorder = new CallRecorder(
      {
        ...seed,
        script: typeof script === 'string' ? script : 'custom',
        rtpIn: rtp.heard,
        rtpOut: rtp.sent,
        rtcp: rtp.rtcp.record,
      },
      inviteAt,
    )
    this.calls.push(recorder.record)
    if (this.calls.length > MAX_CALLS) this.calls.shift()
    const localTag = randomBytes(6).toString('hex')
    return new PhoneCall(this.#callDeps(), { recorder, rtp, script: steps, habits, localTag, user })
  }

  #callDeps(): PhoneCallDeps {
    const { host, port } = this.address
    return {
      endpoint: this.#live,
      clock: this.#clock,
      contactAddress: this.#behindProxy?.address ?? this.address,
      recordRouteUri: this.#behindProxy ? `sip:${host}:${port};lr` : undefined,
      onRetired: (call) => this.#retire(call),
    }
  }

  #noteDatagram(datagram: Datagram, message: SipMessage | undefined, dropped: boolean): void {
    const at = this.#clock.now()
    if (datagram.direction === 'received') this.#arriving = { datagram, at }
    if (!message) return
    const phone = this.#phones.get(headerOf(message, 'call-id'))
    phone?.call.recorder.note(datagram, at, dropped)
    if (datagram.direction === 'received' && !dropped && phone) {
      phone.call.recorder.complain(...checkMessage(message))
    }
  }

  #receiveRequest(transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    if (this.#closing) return
    const { request } = transaction
    const phone = this.#phones.get(headerOf(request, 'call-id'))
    if (request.method === 'CANCEL') {
      const called = invite && this.#called.get(invite)
      if (called) called.receiveCancel(transaction)
      else this.#refuse(transaction, NO_SUCH_CALL)
    } else if (hasToTag(request)) {
      const isOurs = tagOf(headerOf(request, 'to')) === phone?.call.localTag
      if (phone && isOurs) phone.call.receiveRequest(transaction)
      else this.#refuse(transaction, NO_SUCH_CALL)
    } else if (request.method === 'INVITE') {
      this.#receiveInvite(transaction)
    } else {
      this.#receiveOther(transaction)
    }
  }

  #receiveInvite(transaction: ServerTransaction): void {
    const { request } = transaction
    const challenge = this.#desk.challengeCall(request)
    if (challenge) {
      for (const complaint of checkMessage(request)) this.#complain(complaint, request)
      this.#refuse(transaction, challenge)
      return
    }
    const number = userOf(request.uri)
    const script =
      this.#scripts.get(digitsOf(number)) ?? this.#scripts.get('*') ?? scriptNameFor(number)
    const plan = {
      direction: 'outbound',
      from: userOf(uriOf(headerOf(request, 'from'))),
      to: number,
      sipCallId: headerOf(request, 'call-id'),
      script,
      user: number,
    } as const
    const call = this.#newCall(plan, this.#arriving?.at)
    if (this.#arriving) call.recorder.note(this.#arriving.datagram, this.#arriving.at, false)
    call.recorder.complain(...checkMessage(request), ...checkInvite(request))
    const phone = new CalledPhone(call, transaction)
    this.#phones.set(call.recorder.record.sipCallId, phone)
    this.#called.set(transaction, phone)
    phone.try()
    call.rtp.open(this.#rtpHost).then(
      () => phone.run(),
      (error: unknown) => {
        call.recorder.complain(`the phone has no RTP port: ${messageOf(error)}`)
        phone.reject(500)
      },
    )
  }

  #receiveOther(transaction: ServerTransaction): void {
    const { request } = transaction
    for (const complaint of checkMessage(request)) this.#complain(complaint, request)
    const answer = this.#desk.answer(request)
    if (answer) this.#refuse(transaction, answer)
  }

  /** A response that no call gives. */
  #refuse(transaction: ServerTransaction, { status, reason, headers = [] }: Answer): void {
    const { request } = transaction
    if (status === 481) this.#complain(`${request.method} in no dialog of ours`, request)
    const allow: HeaderLine = ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER']
    const toTag = randomBytes(6).toString('hex')
    this.#live.respond(transaction, { status, reason, toTag, headers: [allow, ...headers] })
  }

  #receiveAck(ack: SipRequest): void {
    const phone = this.#phones.get(headerOf(ack, 'call-id'))
    if (phone) phone.call.receiveAck(ack)
    else this.#complain('ACK in no dialog of ours', ack)
  }

  #complain(complaint: string, message: SipMessage | undefined): void {
    const phone = message && this.#phones.get(headerOf(message, 'call-id'))
    if (phone) phone.call.recorder.complain(complaint)
    else if (this.protocolErrors.length < MAX_COMPLAINTS) this.protocolErrors.push(complaint)
  }

  /** Keeps a call for late repeats, and the sound of all calls within its budget. */
  #retire(call: PhoneCall): void {
    const { sipCallId } = call.recorder.record
    this.#endpoint?.timers.after(CALL_KEPT_MS, () => {
      if (this.#phones.get(sipCallId)?.call === call) this.#phones.delete(sipCallId)
    })
    this.#withAudio.push(call)
    let bytes = this.#withAudio.reduce((sum, { rtp }) => sum + rtp.heard.audio.length, 0)
    while (bytes > AUDIO_BUDGET_BYTES) {
      const oldest = this.#withAudio.shift()
      bytes -= oldest?.rtp.heard.audio.length ?? 0
      oldest?.rtp.heard.forgetAudio()
    }
    if (this.#withAudio.length > MAX_CALLS) this.#withAudio.shift()
  }
}

interface CallPlan {
  readonly direction: CarrierCallRecord['direction']
  readonly from: string
  readonly to: string
  readonly sipCallId: string
  readonly script: PhoneScript | ScriptName
  readonly user: string
}

/** Numbers are the same with and without a plus or spaces; names and `*` stay as they are. */
const digitsOf = (number: string): string =>
  /^\+?[\d\s()-]+$/.test(number) ? number.replace(/\D/g, '') : number

/** Starts a carrier on loopback; ready when it resolves. */
export const startCarrier = (options: CarrierOptions = {}): Promise<Carrier> =>
  new SimulatedCarrier(options).open()
