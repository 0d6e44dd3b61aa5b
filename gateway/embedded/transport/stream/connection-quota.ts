// How many connections there may be: in all, and from one address. Strangers can take no more than that.

/** A tenth is kept for connections we open: whoever fills the rest does not end our own calls. */
const KEPT_FOR_OUTBOUND = 10

type QuotaExceeded = 'connections-full' | 'connections-of-one-address'

export class ConnectionQuota {
  readonly #maxConnections: number
  readonly #maxPerAddress: number
  readonly #byAddress = new Map<string, number>()
  #size = 0

  constructor(maxConnections: number, maxPerAddress: number) {
    this.#maxConnections = maxConnections
    this.#maxPerAddress = maxPerAddress
  }

  takeInbound(address: string): QuotaExceeded | undefined {
    const kept = Math.floor(this.#maxConnections / KEPT_FOR_OUTBOUND)
    if (this.#size >= this.#maxConnections - kept) return 'connections-full'
    const ofAddress = this.#byAddress.get(address) ?? 0
    if (ofAddress >= this.#maxPerAddress) return 'connections-of-one-address'
    this.#size += 1
    this.#byAddress.set(address, ofAddress + 1)
    return undefined
  }

  releaseInbound(address: string): void {
    this.#size -= 1
    const left = (this.#byAddress.get(address) ?? 0) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }

  takeOutbound(): QuotaExceeded | undefined {
    if (this.#size >= this.#maxConnections) return 'connections-full'
    this.#size += 1
    return undefined
  }

  releaseOutbound(): void {
    this.#size -= 1
  }
}
