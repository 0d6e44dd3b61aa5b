// From the feed to the deliveries of one endpoint. The feed is the outbox: rows for what is new are written in one
// transaction with the endpoint's place in it, so that no event is lost or told twice, whenever we are killed.
import type { EpochMs } from '#core/contracts'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { Feed, FeedEvent } from '../feed/feed.ts'
import type { Deliveries } from './deliveries.ts'
import { wants, type EndpointRow, type Endpoints } from './endpoints.ts'

export interface OutboxDeps {
  readonly database: Database
  readonly feed: Pick<Feed, 'since'>
  readonly endpoints: Pick<Endpoints, 'find'>
  readonly deliveries: Deliveries
  readonly clock: Clock
  readonly giveUpAt: (now: EpochMs) => EpochMs
}

/** What of the feed an endpoint does not want is not written down at once: it would be a write an event. */
export interface Scanned {
  /** The place that was written when it was scanned. */
  readonly from: number
  readonly upTo: number
  /** Events between them. */
  readonly unwritten: number
}

export interface Filled {
  readonly scanned: Scanned | undefined
  /** Deliveries. */
  readonly made: number
  /** What else is in the feed waits for room, or for another turn. */
  readonly left: 'nothing' | 'without-room' | 'for-another-turn'
}

/** Later events stay in the feed until some of these were delivered or given up. */
const MAX_WAITING = 500
const EVENTS_A_READ = 200
/** Then the place is written after all: the next start begins there. */
const MAX_UNWRITTEN = 1000
/** Between them others have their turn. */
const READS_A_TURN = 10

export class Outbox {
  readonly #deps: OutboxDeps

  constructor(deps: OutboxDeps) {
    this.#deps = deps
  }

  /** Makes deliveries of what is new, as far as there is room; a failing endpoint has one at a time. */
  async fill(endpointId: string, known: Scanned | undefined): Promise<Filled> {
    let scanned = known
    let made = 0
    for (let read = 0; read < READS_A_TURN; read += 1) {
      const step = await this.#fillSome(endpointId, scanned)
      scanned = step.scanned
      made += step.made
      if (step.left !== 'for-another-turn') return { scanned, made, left: step.left }
    }
    return { scanned, made, left: 'for-another-turn' }
  }

  async #fillSome(endpointId: string, known: Scanned | undefined): Promise<Filled> {
    const { feed, endpoints, deliveries } = this.#deps
    const events = known ? await feed.since(known.upTo, EVENTS_A_READ) : []
    // Read after the events: whoever changed what it wants is told by that of all that happened since.
    const row = await endpoints.find(endpointId)
    if (!row || row.state === 'disabled') return { scanned: known, made: 0, left: 'nothing' }
    const from = row.feed_position
    // Not looked at yet, or somebody else moved its place: a replay, a change.
    if (known?.from !== from)
      return { scanned: { from, upTo: from, unwritten: 0 }, made: 0, left: 'for-another-turn' }
    const last = events.at(-1)
    if (!last) return { scanned: known, made: 0, left: 'nothing' }
    const wanted = events.filter(({ type }) => wants(row, type))
    if (wanted.length === 0) {
      const isLong = known.unwritten + events.length >= MAX_UNWRITTEN
      const scanned = isLong
        ? await this.#write(row, [], last.position)
        : { from, upTo: last.position, unwritten: known.unwritten + events.length }
      return { scanned, made: 0, left: 'for-another-turn' }
    }
    const maxWaiting = row.state === 'failing' ? 1 : MAX_WAITING
    const room = maxWaiting - (await deliveries.count(endpointId, 'waiting', maxWaiting))
    const taken = wanted.slice(0, room)
    const upTo = wanted.length <= room ? last.position : taken.at(-1)?.position
    if (upTo === undefined) return { scanned: known, made: 0, left: 'without-room' }
    const scanned = await this.#write(row, taken, upTo)
    const left = wanted.length > room ? 'without-room' : 'for-another-turn'
    return { scanned, made: taken.length, left }
  }

  async #write(
    { endpoint_id: endpointId, feed_position: from }: EndpointRow,
    events: readonly FeedEvent[],
    upTo: number,
  ): Promise<Scanned> {
    const { database, deliveries, clock, giveUpAt } = this.#deps
    const now = clock.now()
    await database.write([
      ...(events.length > 0
        ? [deliveries.added(endpointId, events, { now, giveUpAt: giveUpAt(now) })]
        : []),
      database.query
        .updateTable('webhook_endpoints')
        .set({ feed_position: upTo })
        .where('endpoint_id', '=', endpointId)
        // A replay that set it back meanwhile stands.
        .where('feed_position', '=', from),
    ])
    return { from: upTo, upTo, unwritten: 0 }
  }
}
