// What a stream of events reads from: the feed, or the timeline of one call.

/** One message, made once for all who get it. */
export interface StreamItem {
  readonly position: number
  readonly type: string
  readonly callId: string | null
  /** JSON text. */
  readonly frame: Buffer
}

/** What a reader asked for; empty: everything. */
export interface EventFilter {
  readonly types?: ReadonlySet<string>
  readonly callId?: string
}

export interface EventBatch {
  readonly items: readonly StreamItem[]
  /** Everything up to here was looked at. */
  readonly position: number
  readonly isLast: boolean
}

export interface EventSource {
  /** Behind a position, oldest first, a bounded number; `filter` spares what nobody will get. */
  read(after: number, filter?: EventFilter): Promise<EventBatch>
  /** Tells when there may be more. */
  onNews(listener: () => void): () => void
}

export const passes = ({ types, callId }: EventFilter, item: StreamItem): boolean =>
  (types === undefined || types.has(item.type)) && (callId === undefined || callId === item.callId)
