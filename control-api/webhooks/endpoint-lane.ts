// The deliveries of one endpoint: begun in the order of the events, several at a time, of one call one at a time. A
// failed one is tried again later and holds nothing up. Endpoints know nothing of each other.
import { ms, type EpochMs, type Milliseconds } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { named, type Deliveries, type DeliveryRow } from './deliveries.ts'
import type { DeliverySchedule } from './delivery-schedule.ts'
import type { EndpointRow, Endpoints } from './endpoints.ts'
import type { Outbox, Scanned } from './outbox.ts'

export interface LaneDeps {
  readonly endpoints: Pick<Endpoints, 'find'>
  readonly deliveries: Pick<Deliveries, 'waiting'>
  readonly outbox: Outbox
  readonly schedule: DeliverySchedule
  readonly clock: Clock
  readonly logger: Logger
  /** One attempt, and what came of it on the disk. */
  readonly deliver: (
    endpoint: EndpointRow,
    delivery: DeliveryRow,
    signal: AbortSignal,
  ) => Promise<void>
  /** Told after deliveries were made of what is new. */
  readonly onMade: () => void
}

/** Connections to one endpoint. */
const CONCURRENCY = 4
const LOOKAHEAD = 64
/** With so many due there is no need to look into the feed. */
const ENOUGH_DUE = 16
/** Without a nudge it looks this often. */
const LOOK_AGAIN_MS = 60_000
/** The database did not take or give something: the receiver is left in peace meanwhile. */
const REST_MS = 5000
const CLOSE_TIMEOUT = ms(2000)

export class EndpointLane {
  readonly #endpointId: string
  readonly #deps: LaneDeps
  /** Delivery → its call. */
  readonly #running = new Map<string, string | null>()
  /** Ended since the database was last asked what waits: its answer may not know. */
  readonly #ended = new Set<string>()
  readonly #stop = new AbortController()
  #scanned: Scanned | undefined
  #timer: NodeJS.Timeout | undefined
  #looking = false
  #lookAgain = false
  #stopped = false
  #restUntil = 0
  #probedAt = 0

  constructor(endpointId: string, deps: LaneDeps) {
    this.#endpointId = endpointId
    this.#deps = deps
  }

  /** Something may be new, due or changed. */
  nudge(): void {
    if (this.#stopped) return
    if (this.#looking) this.#lookAgain = true
    else inBackground(this.#lookUntilNothingIsNew(), this.#deps.logger, 'delivering webhooks')
  }

  /** Begins nothing more; what runs may end. */
  async drain(deadline: Milliseconds): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await waitUntil(() => this.#running.size === 0 && !this.#looking, deadline, 10)
  }

  /** What is cut off is sent again by the next start. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.drain(CLOSE_TIMEOUT)
  }

  async #lookUntilNothingIsNew(): Promise<void> {
    this.#looking = true
    let wakeIn = REST_MS
    try {
      do {
        this.#lookAgain = false
        wakeIn = await this.#look()
      } while (this.#isAsked())
    } finally {
      this.#looking = false
      this.#wakeIn(wakeIn)
    }
  }

  /** Nudged meanwhile. */
  #isAsked(): boolean {
    return this.#lookAgain && !this.#stopped
  }

  #wakeIn(delayMs: number): void {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.nudge(), delayMs).unref()
  }

  /** In how many milliseconds to look again. */
  async #look(): Promise<number> {
    const { endpoints, clock } = this.#deps
    const resting = this.#restUntil - clock.now()
    if (resting > 0) return resting
    this.#ended.clear()
    const endpoint = await endpoints.find(this.#endpointId)
    if (!endpoint || endpoint.state === 'disabled') return LOOK_AGAIN_MS
    const { waiting, isBehind } = await this.#refill()
    const now = clock.now()
    const wakeAt =
      endpoint.state === 'failing'
        ? this.#probe(endpoint, waiting, now)
        : this.#beginDue(endpoint, waiting, now)
    return isBehind ? 0 : Math.min(Math.max(0, wakeAt - now), LOOK_AGAIN_MS)
  }

  async #refill() {
    const { deliveries, outbox, clock } = this.#deps
    const waiting = await deliveries.waiting(this.#endpointId, LOOKAHEAD)
    const now = clock.now()
    const due = waiting.filter(({ next_at: at }) => at <= now)
    if (due.length >= ENOUGH_DUE) return { waiting, isBehind: false }
    const { scanned, made, left } = await outbox.fill(this.#endpointId, this.#scanned)
    this.#scanned = scanned
    const isBehind = left === 'for-another-turn'
    if (made === 0) return { waiting, isBehind }
    this.#deps.onMade()
    return { waiting: await deliveries.waiting(this.#endpointId, LOOKAHEAD), isBehind }
  }

  /** When the next one is due that is not yet. */
  #beginDue(endpoint: EndpointRow, waiting: readonly DeliveryRow[], now: EpochMs): number {
    for (const delivery of waiting) {
      if (delivery.next_at > now) return delivery.next_at
      // What ends makes room, and nudges.
      if (this.#running.size >= CONCURRENCY) return Infinity
      if (!this.#isHeld(delivery)) this.#begin(endpoint, delivery)
    }
    return Infinity
  }

  /** One now and then, the first that is due, until one is taken; tests at once. */
  #probe(endpoint: EndpointRow, waiting: readonly DeliveryRow[], now: EpochMs): number {
    const tests = waiting.filter(({ type }) => type === 'webhook.test')
    this.#beginDue(endpoint, tests, now)
    const [first] = waiting.filter(
      (one) => one.type !== 'webhook.test' && !this.#ended.has(one.delivery_id),
    )
    const due = this.#probedAt + this.#deps.schedule.probeEvery
    if (!first || this.#running.size > 0) return Infinity
    if (now < due) return due
    this.#probedAt = now
    this.#begin(endpoint, first)
    return Infinity
  }

  /** It runs already, or did until now, or an earlier event of its call does. */
  #isHeld({ delivery_id: id, call_id: callId }: DeliveryRow): boolean {
    if (this.#running.has(id) || this.#ended.has(id)) return true
    return callId !== null && [...this.#running.values()].includes(callId)
  }

  #begin(endpoint: EndpointRow, delivery: DeliveryRow): void {
    if (this.#stopped) return
    this.#running.set(delivery.delivery_id, delivery.call_id)
    const run = this.#run(endpoint, delivery)
    inBackground(run, this.#deps.logger, 'delivering a webhook', named(delivery))
  }

  async #run(endpoint: EndpointRow, delivery: DeliveryRow): Promise<void> {
    try {
      await this.#deps.deliver(endpoint, delivery, this.#stop.signal)
    } catch (error) {
      // Still waiting in the database, as if it had not been sent.
      this.#restUntil = this.#deps.clock.now() + REST_MS
      throw error
    } finally {
      this.#running.delete(delivery.delivery_id)
      this.#ended.add(delivery.delivery_id)
      this.nudge()
    }
  }
}
