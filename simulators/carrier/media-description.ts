// What both sides of a call have said about its sound: ours to be written, theirs to be followed (RFC 3264).
import type { PhoneHabits } from './phone-script.ts'
import type { RtpPhone } from './rtp-phone.ts'
import { decodeSdp, encodeSdp, type Direction } from './sdp.ts'
import { codecOf, COMFORT_NOISE_PAYLOAD_TYPE, type PhoneCodec } from './telephone-codec.ts'

export interface MediaChange {
  readonly direction?: Direction
  readonly codecs?: readonly PhoneCodec[]
}

const OFFERED_TELEPHONE_EVENT = 101

export class MediaDescription {
  readonly #habits: PhoneHabits
  readonly #rtp: RtpPhone
  #codecs: readonly PhoneCodec[]
  #direction: Direction = 'sendrecv'
  #telephoneEvent: number | undefined
  #comfortNoise: boolean
  #version = 0

  constructor(habits: PhoneHabits, rtp: RtpPhone) {
    this.#habits = habits
    this.#rtp = rtp
    this.#codecs = habits.codecs
    this.#comfortNoise = habits.dtx
    this.#telephoneEvent = habits.telephoneEvents ? OFFERED_TELEPHONE_EVENT : undefined
  }

  /** Each call is a new description. */
  toSdp(): string {
    this.#version += 1
    const { port } = this.#rtp.address
    // Behind a NAT the phone knows only its own side.
    const { host, port: shownPort } = this.#habits.nat ?? this.#rtp.address
    return encodeSdp({
      host,
      port: shownPort,
      sessionId: port,
      version: this.#version,
      codecs: this.#codecs,
      comfortNoise: this.#comfortNoise,
      telephoneEvent: this.#telephoneEvent,
      packetMs: this.#habits.packetMs,
      direction: this.#direction,
    })
  }

  change({ direction, codecs }: MediaChange): void {
    this.#direction = direction ?? this.#direction
    this.#codecs = codecs ?? this.#codecs
    this.#rtp.sends = this.#direction === 'sendrecv' || this.#direction === 'sendonly'
  }

  /** Their offer: we answer with what both can. False when that is nothing. */
  hearOffer(body: Buffer): boolean {
    const remote = decodeSdp(body.toString('utf8'))
    if (!remote) return true
    const common = this.#habits.codecs.filter((codec) =>
      remote.payloadTypes.some((payloadType) => codecOf(payloadType) === codec),
    )
    if (common.length === 0) return false
    this.#codecs = common
    this.#comfortNoise =
      this.#habits.dtx && remote.payloadTypes.includes(COMFORT_NOISE_PAYLOAD_TYPE)
    this.#telephoneEvent = this.#habits.telephoneEvents ? remote.telephoneEvent : undefined
    return true
  }

  /** Sends sound to where their description says: after our answer as we prefer, after theirs as they do. */
  follow(body: Buffer, as: 'offer' | 'answer'): void {
    const remote = decodeSdp(body.toString('utf8'))
    if (!remote || remote.port === 0) return
    const theirs = remote.payloadTypes.flatMap((type) => codecOf(type) ?? [])
    const [first, second] = as === 'offer' ? [this.#codecs, theirs] : [theirs, this.#codecs]
    const codec = first.find((each) => second.includes(each)) ?? 'PCMU'
    this.#rtp.sendTo({
      host: remote.host,
      port: remote.port,
      rtcpPort: remote.rtcpPort,
      codec,
      comfortNoise: this.#comfortNoise && remote.payloadTypes.includes(COMFORT_NOISE_PAYLOAD_TYPE),
      telephoneEvent: this.#telephoneEvent === undefined ? undefined : remote.telephoneEvent,
    })
    this.#rtp.heard.telephoneEvent = this.#telephoneEvent
  }
}
