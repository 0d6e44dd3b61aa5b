// Whose datagrams are heard. The SDP names one address and port; behind a NAT the port may differ, so one other port
// of the same address is learned (symmetric RTP, RFC 4961). Everybody else is a stranger.
import { isIP } from 'node:net'
import type { RemoteRtp } from '#core/contracts'

export interface RtpDestination {
  readonly address: string
  readonly port: number
}

export class SourceGate {
  #announced: RemoteRtp | null = null
  #destination: RtpDestination | null = null
  /** 0 until a packet came. */
  #heardPort = 0

  /** Whether the SDP has named anybody yet. */
  get isAnnounced(): boolean {
    return this.#announced !== null
  }

  /** A new address forgets what was learned of the former one. */
  announce(remote: RemoteRtp): void {
    const same = this.#announced?.address === remote.address && this.#announced.port === remote.port
    this.#announced = remote
    if (same) return
    this.#heardPort = 0
    this.#destination = isSendable(remote) ? { address: remote.address, port: remote.port } : null
  }

  /** The address in the SDP may be heard; the first port it speaks from is learned, the announced one always wins. */
  admits(address: string, port: number): boolean {
    const announced = this.#announced
    if (announced === null || address !== announced.address) return false
    if (port === this.#heardPort) return true
    if (port === announced.port || this.#heardPort === 0) {
      this.#heardPort = port
      this.#destination = { address, port }
      return true
    }
    return false
  }

  /** Where our audio goes: the announced address, at the port it speaks from once that is known. */
  get destination(): RtpDestination | null {
    return this.#destination
  }

  /** Payload type of the caller's audio; -1 before the address is known. */
  get payloadType(): number {
    return this.#announced?.payloadType ?? -1
  }
}

/** Port 0 refuses the medium (RFC 3264 §6), address 0.0.0.0 holds it (§8.4), and names are not looked up. */
function isSendable({ address, port }: RemoteRtp): boolean {
  return isIP(address) !== 0 && address !== '0.0.0.0' && port > 0 && port <= 0xffff
}
