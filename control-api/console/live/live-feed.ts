// What happens, as it happens: one WebSocket for the tab (docs/live-events.md), resumed where it broke off.
import { WebSocket as ResumingSocket } from 'partysocket'
import { askSession } from '../session/ask-session.ts'

export interface LiveMessage {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly call_id: string | null
  readonly data: Readonly<Record<string, unknown>>
}

export type LiveState = 'connecting' | 'live' | 'away'

export interface LiveFeed {
  /** @returns stops listening */
  subscribe(listener: (message: LiveMessage) => void): () => void
  state(): LiveState
  onState(listener: () => void): () => void
  /**
   * Each time it is connected: what is announced and not kept may have been missed until then.
   * @param listener told when this connection was begun, in ms since 1970: what was read before is older than all it tells
   */
  onOpen(listener: (begunAt: number) => void): () => void
  open(): void
  close(): void
}

/** Its key is revoked, or its session over. */
const NOT_WELCOME = 1008
/** Times that a server which answers does not let us in: the id that we come back with may be of another database. */
const MOST_REFUSED = 3
const COMING_AGAIN = {
  minReconnectionDelay: 500,
  maxReconnectionDelay: 15_000,
  connectionTimeout: 8000,
  startClosed: true,
}
/** Then somebody should be told; a reload of the page is quicker. */
const AWAY_AFTER_MS = 3000

/**
 * Closed at first.
 * @param query of GET /api/events, without `last_event_id`
 */
export function createLiveFeed(
  query: Readonly<Record<string, string>>,
  lastEventId?: string,
): LiveFeed {
  const listeners = new Set<(message: LiveMessage) => void>()
  const openListeners = new Set<(begunAt: number) => void>()
  let lastId = lastEventId
  const state = createStateTold()
  let stage: 'closed' | 'connecting' | 'open' = 'closed'
  let begunAt = 0
  let refused = 0
  const tell = (message: LiveMessage): void => {
    for (const listener of listeners) listener(message)
  }
  /** A session that is over ends by asking; it is no use to come again and again. */
  const askWhy = async (): Promise<void> => {
    if ((await askSession()) === undefined || stage === 'closed') return
    refused += 1
    if (refused < MOST_REFUSED || lastId === lastEventId) return
    lastId = lastEventId
    tell({ id: '', type: 'gap', at: new Date().toISOString(), call_id: null, data: {} })
  }
  const addressNow = (): string => {
    begunAt = Date.now()
    return addressOf(query, lastId)
  }
  const socket = new ResumingSocket(addressNow, [], COMING_AGAIN)
  socket.addEventListener('open', () => {
    stage = 'open'
    refused = 0
    state.live()
    for (const listener of openListeners) listener(begunAt)
  })
  socket.addEventListener('close', ({ code }) => {
    // Our own end is told too.
    if (stage === 'closed') return
    if (stage !== 'open' || code === NOT_WELCOME) void askWhy()
    stage = 'connecting'
    state.broken()
  })
  socket.addEventListener('message', ({ data }) => {
    const message = decode(data)
    if (message === undefined) return
    lastId = message.id
    tell(message)
  })
  return {
    subscribe: (listener) => added(listeners, listener),
    state: () => state.now(),
    onState: (listener) => added(state.listeners, listener),
    onOpen: (listener) => added(openListeners, listener),
    open() {
      stage = 'connecting'
      socket.reconnect()
    },
    close() {
      stage = 'closed'
      state.stop()
      socket.close()
    },
  }
}

/** A break is told of when it lasts. */
function createStateTold() {
  const listeners = new Set<() => void>()
  let state: LiveState = 'connecting'
  let away: ReturnType<typeof setTimeout> | undefined
  const stop = (): void => {
    clearTimeout(away)
    away = undefined
  }
  const become = (next: LiveState): void => {
    stop()
    if (state === next) return
    state = next
    for (const listener of listeners) listener()
  }
  return {
    listeners,
    now: () => state,
    live: () => become('live'),
    broken(): void {
      away ??= setTimeout(() => become('away'), AWAY_AFTER_MS)
    },
    stop,
  }
}

function addressOf(query: Readonly<Record<string, string>>, lastId: string | undefined): string {
  const asked = new URLSearchParams({
    ...query,
    ...(lastId === undefined ? {} : { last_event_id: lastId }),
  })
  return `${location.origin.replace(/^http/, 'ws')}/api/events?${asked.toString()}`
}

function added<T>(set: Set<T>, one: T): () => void {
  set.add(one)
  return () => set.delete(one)
}

function decode(data: unknown): LiveMessage | undefined {
  if (typeof data !== 'string') return undefined
  const message: unknown = JSON.parse(data)
  const isOne =
    typeof message === 'object' && message !== null && 'id' in message && 'type' in message
  return isOne ? (message as LiveMessage) : undefined
}
