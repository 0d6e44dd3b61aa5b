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
  /** Each time it is connected: what is announced and not kept may have been missed until then. */
  onOpen(listener: () => void): () => void
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
  const stateListeners = new Set<() => void>()
  const openListeners = new Set<() => void>()
  let lastId = lastEventId
  let state: LiveState = 'connecting'
  let away: ReturnType<typeof setTimeout> | undefined
  let isOpen = false
  let refused = 0
  const become = (next: LiveState): void => {
    clearTimeout(away)
    away = undefined
    if (state === next) return
    state = next
    for (const listener of stateListeners) listener()
  }
  const tell = (message: LiveMessage): void => {
    for (const listener of listeners) listener(message)
  }
  /** A session that is over ends by asking; it is no use to come again and again. */
  const askWhy = async (): Promise<void> => {
    if ((await askSession()) === undefined) return
    refused += 1
    if (refused < MOST_REFUSED || lastId === lastEventId) return
    lastId = lastEventId
    tell({ id: '', type: 'gap', at: new Date().toISOString(), call_id: null, data: {} })
  }
  const socket = new ResumingSocket(() => addressOf(query, lastId), [], COMING_AGAIN)
  socket.addEventListener('open', () => {
    isOpen = true
    refused = 0
    become('live')
    for (const listener of openListeners) listener()
  })
  socket.addEventListener('close', ({ code }) => {
    if (!isOpen || code === NOT_WELCOME) void askWhy()
    isOpen = false
    away ??= setTimeout(() => become('away'), AWAY_AFTER_MS)
  })
  socket.addEventListener('message', ({ data }) => {
    const message = decode(data)
    if (message === undefined) return
    lastId = message.id
    tell(message)
  })
  return {
    subscribe: (listener) => added(listeners, listener),
    state: () => state,
    onState: (listener) => added(stateListeners, listener),
    onOpen: (listener) => added(openListeners, listener),
    open: () => socket.reconnect(),
    close() {
      clearTimeout(away)
      socket.close()
    },
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
