// Delivers webhooks at least once: a lane for each endpoint, and what came of each attempt written down. Whatever we
// are cut off from is still waiting in the database, and is sent again under the same id.
import type { Compilable } from 'kysely'
import { epochMs, type Milliseconds } from '#core/contracts'
import { NO_TRACING, type Logger, type Metrics, type Tracing } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { CallRepository } from '../calls/repository.ts'
import type { Database } from '../db/database.ts'
import type { Feed } from '../feed/feed.ts'
import { attemptDelivery, type AttemptOptions, type AttemptResult } from './attempt.ts'
import { named, type Deliveries, type DeliveryRow } from './deliveries.ts'
import { DELIVERY_SCHEDULE, type DeliverySchedule } from './delivery-schedule.ts'
import { EndpointLane } from './endpoint-lane.ts'
import type { EndpointPolicy } from './endpoint-policy.ts'
import type { EndpointRow, Endpoints } from './endpoints.ts'
import { Outbox } from './outbox.ts'
import { tracedAttempt } from './traced-attempt.ts'

export interface DispatcherDeps {
  readonly database: Database
  readonly feed: Feed
  readonly calls: Pick<CallRepository, 'find'>
  readonly endpoints: Endpoints
  readonly deliveries: Deliveries
  readonly policy: EndpointPolicy
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Absent: off. */
  readonly tracing?: Tracing | undefined
  /** Told after an endpoint or one of its deliveries changed; often. */
  readonly onChange?: (endpointId: string) => void
}

export interface DispatcherOptions extends AttemptOptions {
  readonly schedule?: DeliverySchedule
}

interface Attempt {
  readonly endpoint: EndpointRow
  readonly delivery: DeliveryRow
}

export class Dispatcher {
  readonly #deps: DispatcherDeps
  readonly #options: DispatcherOptions
  readonly #schedule: DeliverySchedule
  readonly #outbox: Outbox
  readonly #lanes = new Map<string, EndpointLane>()
  readonly #stopListening: () => void
  #stopped = false

  constructor(deps: DispatcherDeps, options: DispatcherOptions) {
    this.#deps = deps
    this.#options = options
    this.#schedule = options.schedule ?? DELIVERY_SCHEDULE
    this.#outbox = new Outbox({ ...deps, giveUpAt: (now) => this.#schedule.giveUpAt(now) })
    this.#stopListening = deps.feed.onAnnounced(() => {
      for (const lane of this.#lanes.values()) lane.nudge()
    })
  }

  async start(): Promise<void> {
    for (const { endpoint_id: id } of await this.#deps.endpoints.list()) this.changed(id)
  }

  /** An endpoint is new or was changed, or something waits for it. */
  changed(endpointId: string): void {
    if (this.#stopped) return
    const lane = this.#lanes.get(endpointId) ?? this.#openLane(endpointId)
    this.#deps.onChange?.(endpointId)
    lane.nudge()
  }

  /** Before an endpoint is deleted: nothing is written of it any more. */
  async forget(endpointId: string): Promise<void> {
    const lane = this.#lanes.get(endpointId)
    this.#lanes.delete(endpointId)
    await lane?.close()
  }

  /** It is deleted. */
  forgotten(endpointId: string): void {
    this.#deps.onChange?.(endpointId)
  }

  async drain(deadline: Milliseconds): Promise<void> {
    this.#stopped = true
    this.#stopListening()
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drain(deadline)))
  }

  async close(): Promise<void> {
    this.#stopped = true
    this.#stopListening()
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()))
  }

  #openLane(endpointId: string): EndpointLane {
    const lane = new EndpointLane(endpointId, {
      ...this.#deps,
      outbox: this.#outbox,
      schedule: this.#schedule,
      deliver: async (endpoint, delivery, signal) => {
        await this.#deliver({ endpoint, delivery }, signal)
        this.#deps.onChange?.(endpointId)
      },
      onMade: () => this.#deps.onChange?.(endpointId),
    })
    this.#lanes.set(endpointId, lane)
    return lane
  }

  async #deliver(attempt: Attempt, signal: AbortSignal): Promise<void> {
    const { tracing = NO_TRACING } = this.#deps
    const result = await tracedAttempt(tracing, attempt.delivery, () =>
      attemptDelivery(this.#deps, attempt, this.#options, signal),
    )
    // Cut off by our own end: whether it arrived is not known, so it counts as not sent.
    if (signal.aborted && result.kind === 'failed') return
    switch (result.kind) {
      case 'taken':
        return this.#taken(attempt, result.status)
      case 'gone':
        return this.#gone(attempt, result.status)
      case 'failed':
      case 'refused':
        return this.#failed(attempt, result)
      case 'forgotten':
        return this.#dead(attempt, { last_error: 'the event is not kept any more' })
      default:
        return result satisfies never
    }
  }

  async #taken({ endpoint, delivery }: Attempt, status: number): Promise<void> {
    const { database, deliveries, endpoints } = this.#deps
    const id = endpoint.endpoint_id
    const now = this.#deps.clock.now()
    const isBack = endpoint.state === 'failing'
    await database.write([
      deliveries.update(delivery.delivery_id, {
        state: 'delivered',
        attempts: delivery.attempts + 1,
        last_status: status,
        last_error: null,
        delivered_at: now,
      }),
      endpoints.worked(id),
      ...(isBack ? [deliveries.hastened(id, { next_at: now })] : []),
    ])
    this.#count('delivered')
    this.#deps.logger.debug({ ...named(delivery), status }, 'a webhook was taken')
    if (isBack) this.#deps.logger.info({ endpointId: id }, 'a webhook endpoint is reached again')
  }

  async #failed(
    { endpoint, delivery }: Attempt,
    result: Extract<AttemptResult, { readonly kind: 'failed' | 'refused' }>,
  ): Promise<void> {
    const { database, deliveries, endpoints, logger } = this.#deps
    const now = this.#deps.clock.now()
    const attempts = delivery.attempts + 1
    const isTest = delivery.type === 'webhook.test'
    const set = {
      last_status: result.kind === 'failed' ? result.status : null,
      last_error: result.kind === 'refused' ? `refused: ${result.why}` : result.why,
    }
    if (isTest) return this.#dead({ endpoint, delivery }, set, result.kind)
    const isLast = now >= delivery.give_up_at
    const nextAt = epochMs(now + this.#schedule.delayAfter(attempts))
    const again = { attempts, next_at: nextAt, ...set }
    const [, , failing] = await database.write([
      deliveries.update(delivery.delivery_id, isLast ? { ...again, state: 'dead' } : again),
      ...endpoints.failed(endpoint.endpoint_id, now, this.#schedule.failingAfter),
    ])
    this.#count(result.kind === 'refused' ? 'refused' : isLast ? 'dead' : 'failed')
    const ids = { ...named(delivery), attempts }
    const why = set.last_error
    if (isLast) logger.warn({ ...ids, why }, 'a webhook is given up: it may be replayed')
    else logger.debug({ ...ids, why }, 'a webhook is tried again')
    if (failing?.changes === 1)
      logger.warn({ ...ids, why }, 'a webhook endpoint is failing: it is only probed now')
  }

  async #gone(attempt: Attempt, status: number): Promise<void> {
    const { endpoints, logger, clock } = this.#deps
    const { endpoint_id: endpointId } = attempt.endpoint
    const ids = named(attempt.delivery)
    const error = { last_status: status, last_error: `answered ${status}: it wants no more` }
    await this.#dead(attempt, error, 'gone', [
      endpoints.update(endpointId, { state: 'disabled' }, clock.now()),
    ])
    logger.warn(ids, 'a webhook endpoint answered 410 and is disabled')
  }

  async #dead(
    { delivery }: Attempt,
    error: Pick<DeliveryRow, 'last_error'> & Partial<DeliveryRow>,
    result: AttemptResult['kind'] = 'failed',
    beside: readonly Compilable[] = [],
  ): Promise<void> {
    const { database, deliveries } = this.#deps
    const attempts = delivery.attempts + 1
    await database.write([
      deliveries.update(delivery.delivery_id, { ...error, attempts, state: 'dead' }),
      ...beside,
    ])
    this.#count(result === 'refused' ? 'refused' : 'dead')
  }

  #count(result: 'delivered' | 'failed' | 'dead' | 'refused'): void {
    this.#deps.metrics.add('webhook_deliveries_total', 1, { result })
  }
}
