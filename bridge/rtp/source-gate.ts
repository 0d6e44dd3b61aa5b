// Whose datagrams are heard. The SDP names one address and port; behind a NAT the port may differ, so one other port
// of the same address is learned (symmetric RTP, RFC 4961). Everybody else is a stranger.
import { isIPv4, isIPv6 } from 'node:net'
import type { RemoteRtp } from '#core/contracts'

export interface RtpDestination {
  readonly address: string
  readonly port: number
}

/** What the RTP socket can send to. */
export type AddressFamily = 4 | 6

export class SourceGate {
  readonly #family: AddressFamily
  #announced: RemoteRtp | null = null
  #isDeliverable = false
  #isHeld = false
  #destination: RtpDestination | null = null
  /** 0 until a packet came. */
  #heardPort = 0

  constructor(family: AddressFamily = 4) {
    this.#family = family
  }

  /** Whether the SDP has named anybody yet. */
  get isAnnounced(): boolean {
    return this.#announced !== null
  }

  /** The far end put the call on hold: it may send nothing for as long as it likes. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** A new address forgets what was learned of the former one. */
  announce(remote: RemoteRtp): void {
    const same = this.#announced?.address === remote.address && this.#announced.port === remote.port
    this.#announced = remote
    this.#isHeld = !remote.receives || isHold(remote.address)
    this.#isDeliverable = !this.#isHeld && isSendable(remote, this.#family)
    if (same) return
    this.#heardPort = 0
    this.#destination = { address: remote.address, port: remote.port }
  }

  /** The address in the SDP may be heard; the first port it speaks from is learned, the announced one always wins. */
  admits(address: string, port: number): boolean {
    const announced = this.#announced
    if (announced === null || address !== announced.address) return false
    // A datagram may name port 0 as its own (RFC 768), and nothing can be sent there.
    if (port === 0) return false
    if (port === this.#heardPort) return true
    if (port === announced.port || this.#heardPort === 0) {
      this.#heardPort = port
      this.#destination = { address, port }
      return true
    }
    return false
  }

  /**
   * Where our audio goes: the announced address, at the port it speaks from once that is known. Null while the far end
   * holds the call, and for what cannot be sent to: the gateway refuses such SDP, this is the second line.
   */
  get destination(): RtpDestination | null {
    return this.#isDeliverable ? this.#destination : null
  }

  /** Payload type of the caller's audio; -1 before the address is known. */
  get payloadType(): number {
    return this.#announced?.payloadType ?? -1
  }
}

/** Port 0 refuses the medium (RFC 3264 §6), and names are not looked up. */
function isSendable({ address, port, payloadType }: RemoteRtp, family: AddressFamily): boolean {
  if (!Number.isInteger(port) || port <= 0 || port > 0xffff) return false
  if (!Number.isInteger(payloadType) || payloadType < 0 || payloadType > 127) return false
  return family === 4 ? isUnicast4(address) : isUnicast6(address)
}

/** How a hold was written before there was `sendonly` (RFC 3264 §8.4). */
const isHold = (address: string): boolean => address === '0.0.0.0' || address === '::'

/** 224.0.0.0 and above are groups, reserved, or everybody. */
const isUnicast4 = (address: string): boolean =>
  isIPv4(address) && Number(address.slice(0, address.indexOf('.'))) < 224

const isUnicast6 = (address: string): boolean =>
  isIPv6(address) && !address.toLowerCase().startsWith('ff')
