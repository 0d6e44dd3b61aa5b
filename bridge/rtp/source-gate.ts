// Whose datagrams are heard, and where ours go (symmetric RTP, RFC 4961). The SDP names one address and port; behind a
// NAT, or in a farm of media servers, the audio comes from another. The first source heard that may be the far end is
// learned and locked until the next SDP; everybody else is a stranger.
import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { RemoteRtp, RtpFormat, TelephoneCodec } from '#core/contracts'

export interface RtpDestination {
  readonly address: string
  readonly port: number
}

/** What the RTP socket can send to. */
export type AddressFamily = 4 | 6

/** How long a neighbour of the announced address must be heard, and nobody else, before it is taken for the far end. */
const NEIGHBOUR_AFTER_MS = 500
/** And without a pause longer than this: a stream, not two packets of anybody. */
const NEIGHBOUR_PAUSE_MS = 200
const PAYLOAD_TYPES = 128
const BEFORE_SDP: RtpFormat = { codec: 'PCMU', payloadType: 0 }
/** What gateway/sip/sdp/local-sdp.ts offers. */
const OFFERED_KEY_TYPE = 101
/**
 * RFC 3551 §6: they mean the same to everybody, agreed on or not. Some carriers send the other one than they agreed to,
 * and what was on its way when a re-INVITE changed the codec is of the former one.
 */
const STATIC_FORMATS: readonly RtpFormat[] = [BEFORE_SDP, { codec: 'PCMA', payloadType: 8 }]

export class SourceGate {
  readonly #family: AddressFamily
  readonly #codecs = new Array<TelephoneCodec | null>(PAYLOAD_TYPES).fill(null)
  #remote: RemoteRtp | null = null
  /** Asked for several times a frame: kept here, each object less to be looked up counts. */
  #format = BEFORE_SDP
  #lineCodec = BEFORE_SDP.codec
  /** As the kernel writes addresses; '' when there is none. */
  #announcedAddress = ''
  #signallingAddress = ''
  #neighbours: BlockList | null = null
  /** A neighbour that may be the far end: since when, and when last. */
  #neighbour: { address: string; port: number; sinceMs: number; lastMs: number } | null = null
  #isHeld = false
  #isDeliverable = false
  #destination: RtpDestination | null = null
  /** The source that is locked; port 0 until one is. */
  #heardAddress = ''
  #heardPort = 0
  /** Where its RTCP was heard from; 0 until then. */
  #heardRtcpPort = 0

  constructor(family: AddressFamily = 4) {
    this.#family = family
  }

  /** Whether the SDP has named anybody yet. */
  get isAnnounced(): boolean {
    return this.#remote !== null
  }

  /** The far end put the call on hold: nothing is sent to it. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** False while it may say nothing for as long as it likes: it holds the call, or said `recvonly` or `inactive`. */
  get owesAudio(): boolean {
    return this.#remote !== null && this.#remote.sends && !this.#isHeld
  }

  /** What we send. */
  get format(): RtpFormat {
    return this.#format
  }

  /** The codec of all audio between RTP and the agent: the one we send. */
  get lineCodec(): TelephoneCodec {
    return this.#lineCodec
  }

  /** Null for what is neither agreed on as audio nor audio by itself. */
  codecOf(payloadType: number): TelephoneCodec | null {
    return this.#codecs[payloadType] ?? null
  }

  get telephoneEventType(): number | null {
    return this.#remote?.telephoneEventType ?? null
  }

  /**
   * A key, by the number agreed on or by the one that our own offers give it: an answer with another number says only
   * what to send it (RFC 3264 §6.1).
   */
  isKey(payloadType: number): boolean {
    const agreed = this.telephoneEventType
    if (agreed === null) return false
    return (
      payloadType === agreed ||
      (payloadType === OFFERED_KEY_TYPE && this.codecOf(payloadType) === null)
    )
  }

  /** Each SDP opens the lock; one that names the same place keeps what was learned until somebody is heard. */
  announce(remote: RemoteRtp): void {
    const same = this.#remote?.address === remote.address && this.#remote.port === remote.port
    this.#remote = remote
    this.#format = remote.formats[0]
    this.#lineCodec = this.#format.codec
    this.#announcedAddress = canonical(remote.address)
    this.#signallingAddress = canonical(remote.signallingAddress ?? '')
    this.#isHeld = !remote.receives || isHold(remote.address)
    this.#isDeliverable = !this.#isHeld && isSendable(remote, this.#family)
    this.#codecs.fill(null)
    for (const { codec, payloadType } of [...STATIC_FORMATS, ...remote.formats]) {
      if (isPayloadType(payloadType)) this.#codecs[payloadType] = codec
    }
    // Whatever its number, what was agreed on as keys is no sound.
    if (isPayloadType(remote.telephoneEventType ?? -1))
      this.#codecs[remote.telephoneEventType ?? 0] = null
    this.#neighbours = null
    this.#neighbour = null
    this.#heardPort = 0
    if (same) return
    this.#heardRtcpPort = 0
    this.#destination = { address: remote.address, port: remote.port }
  }

  /** Ask only about what looks like RTP: the answer may teach the gate a source. */
  admits(address: string, port: number, nowMs: number): boolean {
    if (port === this.#heardPort && address === this.#heardAddress) return port !== 0
    // A datagram may name port 0 as its own (RFC 768), and nothing can be sent there.
    if (this.#remote === null || port === 0) return false
    const isAnnounced = port === this.#remote.port && address === this.#announcedAddress
    if (!isAnnounced && (this.#heardPort !== 0 || !this.#mayLearn(address, port, nowMs)))
      return false
    this.#lock(address, port)
    return true
  }

  /** RTCP is the far end's from whatever port of its address: reports change no audio, so none is locked. */
  admitsRtcp(address: string): boolean {
    if (this.#remote === null) return false
    if (this.#heardPort !== 0) return address === this.#heardAddress
    return address === this.#destination?.address || address === this.#announcedAddress
  }

  /** A report came from this port: ours go there (RFC 4961). The first one: nobody else may lead them elsewhere. */
  rtcpHeard(port: number): void {
    if (this.#heardRtcpPort === 0) this.#heardRtcpPort = port
  }

  /**
   * Where our audio goes: the announced place, or the source that was learned. Null while the far end holds the call,
   * and for what cannot be sent to: the gateway refuses such SDP, this is the second line.
   */
  get destination(): RtpDestination | null {
    return this.#isDeliverable ? this.#destination : null
  }

  /** Both share a port (RFC 5761): reports leave from the RTP port. */
  get isRtcpMuxed(): boolean {
    return this.#remote !== null && this.#remote.rtcpPort === this.#remote.port
  }

  /** Where our reports go; null when our audio goes nowhere. */
  get rtcpDestination(): RtpDestination | null {
    const audio = this.destination
    const remote = this.#remote
    if (audio === null || remote === null) return null
    if (this.isRtcpMuxed) return audio
    const { address } = audio
    if (this.#heardRtcpPort !== 0) return { address, port: this.#heardRtcpPort }
    const isLearned = address !== this.#announcedAddress || audio.port !== remote.port
    // Behind a NAT the announced RTCP port means nothing; one above the RTP port is the best guess (RFC 3550 §11).
    const port = isLearned && address !== remote.address ? audio.port + 1 : remote.rtcpPort
    return isPort(port) ? { address, port } : null
  }

  #lock(address: string, port: number): void {
    this.#heardAddress = address
    this.#heardPort = port
    const former = this.#destination
    if (former?.address === address && former.port === port) return
    // Its first report may come before its first audio.
    if (former?.address !== address) this.#heardRtcpPort = 0
    if (isUnicast(address, this.#family)) this.#destination = { address, port }
  }

  #mayLearn(address: string, port: number, nowMs: number): boolean {
    // What was learned before the re-INVITE is the likeliest of all.
    if (this.#destination?.port === port && this.#destination.address === address) return true
    if (this.#remote === null || !this.#remote.sends || isHold(this.#remote.address)) return false
    if (address === this.#announcedAddress || address === this.#signallingAddress) return true
    return this.#isNeighbour(address) && this.#hasLasted(address, port, nowMs)
  }

  #hasLasted(address: string, port: number, nowMs: number): boolean {
    const known = this.#neighbour
    if (
      known?.address !== address ||
      known.port !== port ||
      nowMs - known.lastMs > NEIGHBOUR_PAUSE_MS
    ) {
      this.#neighbour = { address, port, sinceMs: nowMs, lastMs: nowMs }
      return false
    }
    known.lastMs = nowMs
    return nowMs - known.sinceMs >= NEIGHBOUR_AFTER_MS
  }

  /** Of the same /24, or /64 in IPv6. Every program of this machine is a neighbour on loopback, so none is there. */
  #isNeighbour(address: string): boolean {
    const announced = this.#announcedAddress
    if (announced === '' || isLoopback(announced)) return false
    if (this.#neighbours === null) {
      this.#neighbours = new BlockList()
      if (isIPv4(announced)) this.#neighbours.addSubnet(announced, 24, 'ipv4')
      else this.#neighbours.addSubnet(announced, 64, 'ipv6')
    }
    return this.#neighbours.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
  }
}

/** IPv6 addresses can be written in many ways; '' for what is no address at all. */
function canonical(address: string): string {
  if (isIPv4(address)) return address
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : ''
}

/** Port 0 refuses the medium (RFC 3264 §6), and names are not looked up. */
const isSendable = ({ address, port, formats }: RemoteRtp, family: AddressFamily): boolean =>
  isPort(port) && isPayloadType(formats[0].payloadType) && isUnicast(address, family)

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port <= 0xffff

const isPayloadType = (payloadType: number): boolean =>
  Number.isInteger(payloadType) && payloadType >= 0 && payloadType < PAYLOAD_TYPES

/** How a hold was written before there was `sendonly` (RFC 3264 §8.4). */
const isHold = (address: string): boolean => address === '0.0.0.0' || address === '::'

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

const isUnicast = (address: string, family: AddressFamily): boolean =>
  family === 4 ? isUnicast4(address) : isUnicast6(address)

/** 224.0.0.0 and above are groups, reserved, or everybody. */
const isUnicast4 = (address: string): boolean =>
  isIPv4(address) && Number(address.slice(0, address.indexOf('.'))) < 224

const isUnicast6 = (address: string): boolean =>
  isIPv6(address) && !address.toLowerCase().startsWith('ff')
