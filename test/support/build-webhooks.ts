// The dispatcher of webhooks on a real database and feed, without the rest of the control API.
import { randomBytes } from 'node:crypto'
import { createCallRepository } from '../../control-api/calls/repository.ts'
import { openDatabase, type Database } from '../../control-api/db/database.ts'
import { openFeed, type Feed, type FeedType } from '../../control-api/feed/feed.ts'
import { createVault } from '../../control-api/secrets/vault.ts'
import {
  createDeliveries,
  type Deliveries,
  type DeliveryRow,
} from '../../control-api/webhooks/deliveries.ts'
import { Dispatcher, type DispatcherOptions } from '../../control-api/webhooks/dispatcher.ts'
import {
  createEndpointPolicy,
  type EndpointPolicy,
} from '../../control-api/webhooks/endpoint-policy.ts'
import { createEndpoints, type Endpoints } from '../../control-api/webhooks/endpoints.ts'
import { epochMs, type CallId, type EpochMs } from '../../core/contracts/index.ts'
import { createLogger, createMetrics, type Metrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'

export interface BuiltWebhooks {
  readonly database: Database
  readonly feed: Feed
  readonly endpoints: Endpoints
  readonly deliveries: Deliveries
  readonly dispatcher: Dispatcher
  readonly metrics: Metrics
  /** Added to the time of day. */
  readonly clock: { now(): EpochMs; aheadMs: number }
  /** Its id and its secret. */
  add(url: string, types?: readonly (FeedType | '*')[]): Promise<{ id: string; secret: string }>
  /** Events in one write, of these calls, and the dispatcher told. */
  tell(callIds: readonly (string | null)[], type?: FeedType): Promise<void>
  rows(): Promise<readonly DeliveryRow[]>
  close(): Promise<void>
}

export interface WebhooksOptions extends Partial<DispatcherOptions> {
  readonly dataDir: string
  /** Of a PostgreSQL. */
  readonly databaseUrl?: string
  /** The key of an earlier build on the same data. */
  readonly key?: Buffer
  readonly policy?: EndpointPolicy
  /** Sees the writes of the dispatcher before the database does. */
  readonly wrap?: (database: Database) => Database
}

export async function buildWebhooks(options: WebhooksOptions): Promise<BuiltWebhooks> {
  const logger = createLogger('silent')
  const real = createClock()
  const clock = { ...real, aheadMs: 0, now: () => epochMs(real.now() + clock.aheadMs) }
  const metrics = createMetrics()
  const opened = await openDatabase(logger, {
    dataDir: options.dataDir,
    url: options.databaseUrl,
  })
  const database = options.wrap?.(opened) ?? opened
  const feed = await openFeed(database, clock)
  const vault = createVault(database, [{ id: 'k1', key: options.key ?? randomBytes(32) }])
  const endpoints = createEndpoints(database, vault)
  const deliveries = createDeliveries(database)
  const policy = options.policy ?? createEndpointPolicy({ allowHosts: [], allowLoopback: true })
  const calls = createCallRepository(database)
  const dispatcher = new Dispatcher(
    { database, feed, calls, endpoints, deliveries, policy, clock, logger, metrics },
    { userAgent: 'voicegate/test', ...options },
  )
  await dispatcher.start()
  return {
    database,
    feed,
    endpoints,
    deliveries,
    dispatcher,
    metrics,
    clock,
    async add(url, types = ['*']) {
      const { last } = await feed.bounds()
      const made = endpoints.prepare({ url, types, description: null }, last, clock.now())
      await opened.write([endpoints.insert(made)])
      dispatcher.changed(made.row.endpoint_id)
      return { id: made.row.endpoint_id, secret: made.secret }
    },
    async tell(callIds, type = 'call.created') {
      const at = clock.now()
      const rows = callIds.map((callId) => feed.appended(type, at, callId as CallId | null, {}))
      await opened.write(rows)
      feed.announce()
    },
    rows: () =>
      opened.query.selectFrom('webhook_deliveries').selectAll().orderBy('feed_position').execute(),
    async close() {
      await dispatcher.close()
      await opened.close()
    },
  }
}
