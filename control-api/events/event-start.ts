// Where a connection for events begins: what it asked for, as a stream, a position in it and a filter.
import { decodeCallId, rfc3339, type CallId } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { CallRecorder } from '../calls/recorder.ts'
import type { Database } from '../db/database.ts'
import { FEED_TYPES, type Feed } from '../feed/feed.ts'
import type { NewClient } from './event-clients.ts'
import type { EventFilter } from './event-source.ts'
import { EventStream } from './event-stream.ts'
import { createFeedSource } from './feed-source.ts'
import type { NodeNews } from './node-news.ts'
import { createTimelineNews, createTimelineSource } from './timeline-source.ts'

export interface EventStartDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly database: Pick<Database, 'query'>
  readonly feed: Feed
  readonly recorder: CallRecorder
  readonly node: NodeNews
}

/** What was asked for, as it stands in the query. */
export interface AskedEvents {
  readonly last_event_id?: string
  readonly types?: string
  readonly call_id?: string
  readonly detail?: 'timeline' | 'node'
}

export type EventStart = Omit<NewClient, 'keyId' | 'mayListen'>

export interface EventStarts {
  /** @throws AppError `REQUEST_INVALID`, `NOT_FOUND` */
  prepare(asked: AskedEvents): Promise<EventStart>
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(FEED_TYPES)

export function createEventStarts(deps: EventStartDeps): EventStarts {
  const { feed, logger, node } = deps
  const stream = new EventStream(createFeedSource(deps), logger)
  const timeline = timelineStarts(deps)
  return {
    async prepare(asked) {
      if (asked.detail === 'timeline') return timeline(asked)
      const filter = decodeFilter(asked)
      const start = { stream, filter, ...(asked.detail === 'node' ? { node } : {}) }
      const { first, last } = await feed.bounds()
      if (asked.last_event_id === undefined)
        return { ...start, position: last, greeting: undefined }
      const position = decodePosition(asked.last_event_id, deps.clock.now())
      // 0 asks for everything that is kept; whoever has an event that is kept no more has missed what went with it.
      const hasGap = position > 0 && position < first
      const greeting = hasGap ? gapMessage(deps.clock, position, first) : undefined
      return { ...start, position, greeting }
    },
  }
}

/** Each connection reads for itself: few look at one call. */
function timelineStarts(deps: EventStartDeps): (asked: AskedEvents) => Promise<EventStart> {
  const news = createTimelineNews(deps.recorder)
  return async ({ call_id: text, last_event_id: last, types }) => {
    if (text === undefined) throw invalid('call_id', 'is missing: detail=timeline is of one call')
    if (types !== undefined) throw invalid('types', 'does not go with detail=timeline')
    const callId = requireCallId(text)
    const call = await deps.database.query
      .selectFrom('calls')
      .select('created_at')
      .where('call_id', '=', callId)
      .executeTakeFirst()
    if (!call) throw new AppError('NOT_FOUND', 'There is no call with this id.')
    const source = createTimelineSource({ ...deps, news }, { ...call, call_id: callId })
    const position = last === undefined ? 0 : Number(last)
    const stream = new EventStream(source, deps.logger)
    return { stream, filter: {}, position, greeting: undefined }
  }
}

function decodeFilter({ types, call_id: callId }: AskedEvents): EventFilter {
  const wanted = types?.split(',') ?? []
  if (!wanted.every((type) => KNOWN_TYPES.has(type)))
    throw invalid('types', `must be of ${FEED_TYPES.join(', ')}`)
  return {
    ...(types === undefined ? {} : { types: new Set(wanted) }),
    ...(callId === undefined ? {} : { callId: requireCallId(callId) }),
  }
}

function decodePosition(text: string, now: number): number {
  const position = Number(text)
  // Ids are microseconds since 1970: one of the future is none of ours, and would hide what happens until then.
  if (position > (now + CLOCK_SLACK_MS) * 1000)
    throw invalid('last_event_id', 'is the id of no event')
  return position
}

/** Clocks are set back. */
const CLOCK_SLACK_MS = 60_000

function requireCallId(text: string): CallId {
  const callId = decodeCallId(text)
  if (callId === undefined) throw invalid('call_id', 'is no id of a call')
  return callId
}

const invalid = (field: string, why: string): AppError =>
  new AppError('REQUEST_INVALID', `${field} ${why}.`, { details: { field } })

const gapMessage = (clock: Clock, position: number, first: number): string =>
  JSON.stringify({
    id: String(position),
    type: 'gap',
    at: rfc3339(clock.now()),
    call_id: null,
    data: { last_event_id: String(position), first_kept_id: String(first) },
  })
