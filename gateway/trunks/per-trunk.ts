// What runs for a trunk for as long as the part of its definition that concerns it stays the same: its registration, its
// health. Another definition ends what runs, and begins anew when that has ended: a farewell must not undo the new one.
import { isDeepStrictEqual } from 'node:util'
import type { EpochMs, Trunk } from '#core/contracts'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'

export interface Running {
  lost(): void
  restored(): void
  /** Idempotent; never rejects. */
  close(): Promise<void> | void
}

export interface Plan<T extends Running> {
  /** In words, for the log. */
  readonly name: string
  readonly logger: Logger
  readonly clock: Clock
  /** The part of the definition that counts; undefined: nothing runs for this trunk. */
  concern(trunk: Trunk): object | undefined
  start(trunk: Trunk): T
  /** It has ended, for good or to begin anew. */
  onEnded(name: string): void
  /** It has ended, and nothing is to begin in its place. */
  onGone(name: string): void
}

interface Kept<T> {
  readonly trunk: Trunk
  readonly concern: object
  readonly since: EpochMs
  /** Undefined until what ran before has ended. */
  running: T | undefined
}

export class PerTrunk<T extends Running> {
  readonly #plan: Plan<T>
  readonly #kept = new Map<string, Kept<T>>()
  readonly #leaving = new Set<Promise<void>>()
  #isClosed = false

  constructor(plan: Plan<T>) {
    this.#plan = plan
  }

  find(name: string): T | undefined {
    return this.#kept.get(name)?.running
  }

  /** Since when something waits to begin; undefined when nothing does. */
  waitsSince(name: string): EpochMs | undefined {
    const kept = this.#kept.get(name)
    return kept && !kept.running ? kept.since : undefined
  }

  replace(trunks: readonly Trunk[]): void {
    if (this.#isClosed) return
    const wanted = this.#wanted(trunks)
    for (const [name, kept] of this.#kept)
      if (!isDeepStrictEqual(wanted.get(name)?.concern, kept.concern)) this.#end(name, kept)
    for (const [name, kept] of wanted) if (!this.#kept.has(name)) this.#kept.set(name, kept)
    if (this.#leaving.size === 0) this.#startWaiting()
  }

  lost(): void {
    for (const { running } of this.#kept.values()) running?.lost()
  }

  restored(): void {
    for (const { running } of this.#kept.values()) running?.restored()
  }

  /** Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true
    const running = [...this.#kept.values()].map((kept) => kept.running?.close())
    await Promise.all([...running, ...this.#leaving])
  }

  #wanted(trunks: readonly Trunk[]): Map<string, Kept<T>> {
    const since = this.#plan.clock.now()
    const wanted = new Map<string, Kept<T>>()
    for (const trunk of trunks) {
      const concern = this.#plan.concern(trunk)
      if (concern) wanted.set(trunk.name, { trunk, concern, since, running: undefined })
    }
    return wanted
  }

  #end(name: string, { running }: Kept<T>): void {
    this.#kept.delete(name)
    if (!running) return
    const left = Promise.resolve(running.close()).then(() => {
      this.#leaving.delete(left)
      this.#plan.onEnded(name)
      if (!this.#kept.has(name)) this.#plan.onGone(name)
      if (this.#leaving.size === 0) this.#startWaiting()
    })
    this.#leaving.add(left)
    inBackground(left, this.#plan.logger, `ending ${this.#plan.name}`)
  }

  #startWaiting(): void {
    if (this.#isClosed) return
    for (const kept of this.#kept.values()) kept.running ??= this.#plan.start(kept.trunk)
  }
}
