// The WebSocket under a conversation (RFC 6455): the only import of ws in production. One upgrade on a prepared
// connection, text frames both ways, exactly one end.
import type { Socket } from 'node:net'
import { WebSocket, type RawData } from 'ws'
import { systemCodeOf } from '#core/errors'
import type { PreparedUpgrade } from './prewarm.ts'

/** As large as the vendor's own clients allow. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024
/** A peer that does not finish the closing handshake loses its TCP connection after this. */
const TERMINATE_AFTER_MS = 2000

const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: MAX_PAYLOAD_BYTES,
  // JSON.parse meets the text next; what UTF-8 cannot be becomes U+FFFD there.
  skipUTF8Validation: true,
  // A vendor that says goodbye and keeps the line open would leave the caller in dead air for ws's own 30 s.
  closeTimeout: TERMINATE_AFTER_MS,
} as const

export type SocketEnd =
  | { readonly kind: 'upgrade-refused'; readonly httpStatus: number }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | { readonly kind: 'broken'; readonly detail: string }

export interface AgentSocketListener {
  onOpen(): void
  onText(text: string): void
  /** Any frame at all: the peer lives. */
  onSignOfLife(): void
  /** Exactly once, unless `close` or `terminate` was called first: then never. */
  onEnd(end: SocketEnd): void
}

export interface AgentSocket {
  /** A text message; as bytes it is copied before this returns. */
  send(text: string | Buffer): void
  /** Bytes handed over that the network has not taken yet. */
  bufferedBytes(): number
  ping(): void
  /** Close frame 1000 now; the connection is cut 2 s later at most. */
  close(): void
  /** Cuts the connection; resolves when it is gone. Never rejects. */
  terminate(): Promise<void>
}

/** Sends the upgrade request at once. Nothing but this function makes an agent session begin. */
export function openAgentSocket(
  prepared: PreparedUpgrade,
  listener: AgentSocketListener,
): AgentSocket {
  const socket = new WebSocket(prepared.url, {
    ...SOCKET_OPTIONS,
    createConnection: () => prepared.socket,
  })
  const gone = closeOf(prepared.socket)
  let ended = false
  const end = (how: SocketEnd): void => {
    if (ended) return
    ended = true
    listener.onEnd(how)
  }
  socket.on('open', () => {
    if (!ended) listener.onOpen()
  })
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (ended) return
    listener.onSignOfLife()
    // The protocol has no binary frames; one is told as what it is not.
    listener.onText(isBinary ? '' : (data as Buffer).toString())
  })
  socket.on('ping', () => listener.onSignOfLife())
  socket.on('pong', () => listener.onSignOfLife())
  socket.on('unexpected-response', (request, response) => {
    end({ kind: 'upgrade-refused', httpStatus: response.statusCode ?? 0 })
    request.destroy()
  })
  // Errors are followed by 'close'; after the end they have nobody to tell.
  socket.on('error', (error) =>
    end({
      kind: 'broken',
      detail: `connection broken: ${systemCodeOf(error) ?? 'connection lost'}`,
    }),
  )
  socket.on('close', (code, reason) => {
    clearTimeout(terminator)
    end(endOfClose(code, reason.toString()))
  })
  let terminator: NodeJS.Timeout | undefined
  return {
    send: (text) => socket.send(text, { binary: false }),
    bufferedBytes: () => socket.bufferedAmount,
    ping: () => socket.ping(),
    close() {
      ended = true
      if (socket.readyState === WebSocket.CLOSED) return
      terminator ??= setTimeout(() => socket.terminate(), TERMINATE_AFTER_MS)
      socket.close(1000)
    },
    terminate() {
      ended = true
      socket.terminate()
      prepared.socket.destroy()
      return gone
    },
  }
}

/** Whatever ws makes of it, what counts is the connection itself. */
function closeOf(connection: Socket): Promise<void> {
  // `closed` is true before the handle is; only the event comes after it.
  if (connection.closed) return Promise.resolve()
  return new Promise((resolve) => connection.once('close', () => resolve()))
}

const endOfClose = (code: number, reason: string): SocketEnd =>
  code === ABNORMAL_CLOSURE
    ? { kind: 'broken', detail: 'connection lost without a close frame' }
    : { kind: 'closed', code, reason }

/** What ws reports when there was no close frame (RFC 6455 §7.4.1). */
const ABNORMAL_CLOSURE = 1006
