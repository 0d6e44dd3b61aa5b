// How much of each trunk is in use: calls at once, and INVITEs a second. Counted by name, so that a trunk that is
// defined anew keeps its calls.
import type { Trunk } from '#core/contracts'
import type { Clock } from '#core/time'
import { CallRate } from './call-rate.ts'

/** A place on a trunk for one call. */
export interface TrunkSlot {
  /** Idempotent. */
  release(): void
}

export class TrunkCapacity {
  readonly #clock: Clock
  readonly #calls = new Map<string, number>()
  readonly #rates = new Map<string, CallRate>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  calls(name: string): number {
    return this.#calls.get(name) ?? 0
  }

  /** Of trunks with calls: also of some that are no more. */
  get busy(): readonly string[] {
    return [...this.#calls.keys()]
  }

  /** Undefined when the trunk has as many calls, or is dialled as often, as its limits allow. */
  take({ name, limits = {} }: Trunk, direction: 'inbound' | 'outbound'): TrunkSlot | undefined {
    const { maxConcurrentCalls = Infinity, maxCallsPerSecond = Infinity } = limits
    const before = this.calls(name)
    // A place first: a call that has none is not dialled, and uses up no turn.
    if (before >= maxConcurrentCalls) return undefined
    if (direction === 'outbound' && !this.#mayDial(name, maxCallsPerSecond)) return undefined
    this.#calls.set(name, before + 1)
    let isHeld = true
    return {
      release: () => {
        if (isHeld) this.#free(name)
        isHeld = false
      },
    }
  }

  /** Rates of trunks that are no more are forgotten; calls are, as they end. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#rates.keys()) if (!names.has(name)) this.#rates.delete(name)
  }

  #mayDial(name: string, perSecond: number): boolean {
    if (perSecond === Infinity) return true
    const known = this.#rates.get(name)
    if (known?.perSecond === perSecond) return known.take()
    const rate = new CallRate(this.#clock, perSecond)
    this.#rates.set(name, rate)
    return rate.take()
  }

  #free(name: string): void {
    const left = this.calls(name) - 1
    if (left > 0) this.#calls.set(name, left)
    else this.#calls.delete(name)
  }
}
