// What all connections together may take: places, in all and for one address, and bytes that wait to be sent.
import { addressBlock } from './address-block.ts'
import { UnsentBudget } from './unsent-budget.ts'

/** A tenth is kept for connections we open: whoever fills the rest does not end our own calls. */
const KEPT_FOR_OUTBOUND = 10
/** Long enough for a stranger to prove useful; short enough for a newcomer to try again after it. */
const DISPLACE_AFTER_MS = 5_000

type QuotaExceeded = 'connections-full' | 'connections-of-one-address'

/** Of one inbound connection. */
export interface InboundPlace {
  /** Something came. */
  heard(): void
  /** It proved useful: no newcomer displaces it any more. */
  keep(): void
  /** It is gone. Again is harmless. */
  release(): void
}

interface QuotaOptions {
  /** Whose connections go before those of all others: they wait for nobody's to grow old, and lose their place to none. */
  readonly isPreferred?: (address: string) => boolean
  /** How old a connection must be before it can lose its place. Default 5000. */
  readonly displaceAfterMs?: number
  readonly maxUnsentBytes?: number
}

export class ConnectionQuota {
  readonly unsent: UnsentBudget
  readonly #maxConnections: number
  readonly #maxPerAddress: number
  readonly #displaceAfterMs: number
  readonly #isPreferred: (address: string) => boolean
  readonly #byBlock = new Map<string, number>()
  /** Inbound connections that have not proved useful yet, the longest silent first. */
  readonly #strangers = new Set<Stranger>()
  #size = 0

  constructor(maxConnections: number, maxPerAddress: number, options: QuotaOptions = {}) {
    this.#maxConnections = maxConnections
    this.#maxPerAddress = maxPerAddress
    this.#displaceAfterMs = options.displaceAfterMs ?? DISPLACE_AFTER_MS
    this.#isPreferred = options.isPreferred ?? (() => false)
    this.unsent = new UnsentBudget(options.maxUnsentBytes)
  }

  /** `displace` is called at most once, when somebody else got the place. */
  takeInbound(address: string, displace: () => void): InboundPlace | QuotaExceeded {
    const block = addressBlock(address)
    const ofBlock = this.#byBlock.get(block) ?? 0
    // Before the other limit: who has enough already displaces nobody.
    if (ofBlock >= this.#maxPerAddress) return 'connections-of-one-address'
    const kept = Math.floor(this.#maxConnections / KEPT_FOR_OUTBOUND)
    const isPreferred = this.#isPreferred(address)
    const isFull = this.#size >= this.#maxConnections - kept
    if (isFull && !this.#displaceOne(isPreferred ? 0 : this.#displaceAfterMs))
      return 'connections-full'
    this.#size += 1
    this.#byBlock.set(block, (this.#byBlock.get(block) ?? 0) + 1)
    const newcomer: Stranger = { block, since: performance.now(), displace }
    if (!isPreferred) this.#strangers.add(newcomer)
    return this.#place(newcomer)
  }

  takeOutbound(): QuotaExceeded | undefined {
    if (this.#size >= this.#maxConnections) return 'connections-full'
    this.#size += 1
    return undefined
  }

  releaseOutbound(): void {
    this.#size -= 1
  }

  #place(stranger: Stranger): InboundPlace {
    return {
      heard: () => {
        // To the end of the set.
        if (this.#strangers.delete(stranger)) this.#strangers.add(stranger)
      },
      keep: () => this.#strangers.delete(stranger),
      release: () => this.#release(stranger),
    }
  }

  #displaceOne(afterMs: number): boolean {
    const bornBefore = performance.now() - afterMs
    for (const stranger of this.#strangers) {
      if (stranger.since > bornBefore) continue
      this.#release(stranger)
      stranger.displace()
      return true
    }
    return false
  }

  #release(stranger: Stranger): void {
    if (stranger.isReleased) return
    stranger.isReleased = true
    this.#strangers.delete(stranger)
    this.#size -= 1
    const left = (this.#byBlock.get(stranger.block) ?? 0) - 1
    if (left > 0) this.#byBlock.set(stranger.block, left)
    else this.#byBlock.delete(stranger.block)
  }
}

interface Stranger {
  readonly block: string
  readonly since: number
  readonly displace: () => void
  isReleased?: true
}
