// One TCP or TLS connection: what is sent over it, what is read from it, how long it may be silent, and how it ends.
import type { Socket } from 'node:net'
import { guarded } from '../../fault-sink.ts'
import { transactionTimeoutMs } from '../../server-options.ts'
import { Timer } from '../../timer.ts'
import { connectFailure, type ConnectionFailure } from './connection-failure.ts'
import type { ConnectionHost, ConnectionOptions } from './connection-host.ts'
import type { InboundPlace } from './connection-quota.ts'
import { FailureCallbacks } from './failure-callbacks.ts'
import { MessageFramer, type StreamLoss } from './message-framer.ts'
import { SlowReaderWatch } from './slow-reader-watch.ts'
import { MAX_INBOUND_UNSENT_BYTES, MAX_UNSENT_BYTES, type Reader } from './unsent-budget.ts'
import type { Peer } from '../transport.ts'

/** RFC 5626 §3.5.1. */
const PING = Buffer.from('\r\n\r\n')
const PONG = Buffer.from('\r\n')
/** From its first byte to its last; for an inbound connection also from the start to the first byte. */
const MESSAGE_DEADLINE_MS = 30_000
/** For the answer to a stream that was lost: a close with unread bytes would take it back (RFC 1122 §4.2.2.13). */
const LINGER_MS = 1_000

export class Connection implements Reader {
  readonly peer: Peer
  readonly verifiedFor: string | undefined
  readonly isOutbound: boolean
  readonly maxUnsentBytes: number
  readonly #host: ConnectionHost
  readonly #socket: Socket
  readonly #framer: MessageFramer
  readonly #waiting: FailureCallbacks
  readonly #place: InboundPlace | undefined
  readonly #connectEnd = new Timer()
  readonly #keepAlive = new Timer()
  readonly #idleEnd = new Timer()
  readonly #messageEnd = new Timer()
  readonly #lingerEnd = new Timer()
  readonly #watch: SlowReaderWatch
  #state: 'connecting' | 'open' | 'ending' | 'closed'
  #queue: Buffer[] = []
  #queuedBytes = 0
  #incomplete = 0
  /** Those we open are useful from the start. */
  #isKept: boolean
  #reached = false
  #error: Error | undefined
  #failure: ConnectionFailure | undefined

  constructor(host: ConnectionHost, options: ConnectionOptions) {
    const { socket, peer, readyEvent, verifiedFor, place } = options
    this.#host = host
    this.#socket = socket
    this.peer = peer
    this.verifiedFor = verifiedFor
    this.isOutbound = readyEvent !== undefined
    this.maxUnsentBytes = this.isOutbound ? MAX_UNSENT_BYTES : MAX_INBOUND_UNSENT_BYTES
    this.#place = place
    this.#isKept = this.isOutbound
    this.#waiting = new FailureCallbacks(transactionTimeoutMs(host.timers))
    this.#framer = new MessageFramer(
      {
        onMessage: (bytes, size) => guarded(() => host.onMessage(bytes, this, size)),
        onPing: () => this.#write(PONG),
        onLost: (loss) => this.#onLost(loss),
      },
      host.maxMessageBytes,
    )
    this.#watch = new SlowReaderWatch(this, host.unsent)
    this.#listen()
    if (readyEvent === undefined) {
      this.#state = 'open'
      this.#onReady()
      this.#messageEnd.start(this.#messageDeadlineMs, () => this.#cut('no-message'))
    } else {
      this.#state = 'connecting'
      socket.once(readyEvent, () => guarded(() => this.#onReady()))
      this.#connectEnd.start(host.timers.connectMs, () => this.#close('Connection Timed Out'))
    }
  }

  get isOpen(): boolean {
    return this.#state === 'open' && this.#socket.writable
  }

  /** Something can be sent over it, now or once it stands. */
  get isUsable(): boolean {
    return this.isOpen || (this.#state === 'connecting' && !this.#socket.destroyed)
  }

  /** `onFailed` is called, later, when the connection does not come to stand or breaks within a transaction's life. */
  send(bytes: Buffer, onFailed?: (why: string) => void): void {
    if (onFailed !== undefined) this.#waiting.add(onFailed)
    if (this.#state !== 'connecting') {
      this.#write(bytes)
      return
    }
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
    this.#watch.weigh()
  }

  /** Waiting for the connection to stand, or for a reader that does not read. */
  get unsentBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength
  }

  overload(): void {
    this.#host.counters.dropped('slow-reader')
    this.#close('Connection Overloaded')
  }

  /** It proved useful: it may be silent for `idleMs`, and no newcomer displaces it. */
  keep(): void {
    this.#isKept = true
    this.#place?.keep()
    if (this.#state === 'open') this.#restartIdle()
  }

  /** At once and without a word to anybody: the transport closes. */
  destroy(): void {
    this.#waiting.clear()
    this.#close('Connection Closed')
  }

  get #messageDeadlineMs(): number {
    return this.#host.messageDeadlineMs ?? MESSAGE_DEADLINE_MS
  }

  #listen(): void {
    const socket = this.#socket
    socket.setNoDelay(true)
    // Finds a peer that vanished; the CRLFs keep what lies between open.
    socket.setKeepAlive(true, this.#host.timers.keepAliveMs)
    socket.on('connect', () => (this.#reached = true))
    socket.on('data', (chunk: Buffer) => guarded(() => this.#onData(chunk)))
    socket.on('error', (error) => {
      this.#error ??= error
      // Node does not end an accepted TLS connection by itself when a record is broken.
      socket.destroy()
    })
    // The other side sends nothing more; Node ends our half as well.
    socket.on('end', () => this.#end())
    socket.on('close', () => guarded(() => this.#onClosed()))
  }

  #onReady(): void {
    if (this.#state === 'closed') return
    this.#state = 'open'
    this.#connectEnd.stop()
    this.#restartIdle()
    const queue = this.#queue
    this.#queue = []
    this.#queuedBytes = 0
    for (const bytes of queue) this.#write(bytes)
    this.#restartKeepAlive()
  }

  #onData(chunk: Buffer): void {
    if (this.#state !== 'open') return
    this.#place?.heard()
    this.#restartIdle()
    this.#restartKeepAlive()
    this.#framer.push(chunk)
    const { incomplete } = this.#framer
    if (incomplete === this.#incomplete && incomplete !== 0) return
    this.#incomplete = incomplete
    if (incomplete === 0) this.#messageEnd.stop()
    else this.#messageEnd.start(this.#messageDeadlineMs, () => this.#cut('incomplete-message'))
  }

  #write(bytes: Buffer): void {
    if (!this.isOpen) return
    this.#socket.write(bytes)
    this.#restartKeepAlive()
    this.#watch.weigh()
  }

  /** The other side misuses the connection. */
  #cut(cause: string): void {
    this.#host.counters.dropped(cause)
    this.#close('Connection Closed')
  }

  /** What was handed over may have been answered: that still goes out. */
  #onLost(loss: StreamLoss): void {
    if (loss === 'head-too-large') {
      this.#cut(loss)
      return
    }
    this.#end()
    this.#socket.end()
  }

  #end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#framer.stop()
    this.#stopTimers()
    this.#lingerEnd.start(LINGER_MS, () => this.#close('Connection Closed'))
  }

  #restartIdle(): void {
    const { idleMs, strangerIdleMs } = this.#host.timers
    const afterMs = this.#isKept ? idleMs : Math.min(strangerIdleMs, idleMs)
    this.#idleEnd.start(afterMs, () => this.#close('Connection Closed'))
  }

  /**
   * Not taken back when no CRLF answers: who does not know RFC 5626 ignores the ping (RFC 3261 §7.5), and TCP's own
   * keep-alive finds the dead.
   */
  #restartKeepAlive(): void {
    if (!this.isOutbound || this.#state !== 'open') return
    this.#keepAlive.start(this.#host.timers.keepAliveMs, () => {
      this.#framer.expectPong()
      this.#write(PING)
    })
  }

  #close(failure: ConnectionFailure): void {
    if (this.#state === 'closed') return
    this.#failure ??= failure
    this.#watch.stop()
    this.#framer.stop()
    this.#stopTimers()
    // Those who wait hear of it from the event of the socket, never from within their own call of `send`.
    if (this.#state !== 'connecting') this.#state = 'ending'
    this.#socket.destroy()
  }

  #onClosed(): void {
    if (this.#state === 'closed') return
    const neverStood = this.#state === 'connecting'
    this.#state = 'closed'
    this.#stopTimers()
    this.#lingerEnd.stop()
    this.#queue = []
    this.#watch.stop()
    this.#failure ??= neverStood ? connectFailure(this.#error, this.#reached) : 'Connection Closed'
    this.#host.onClosed(this, neverStood ? (this.#error ?? new Error(this.#failure)) : undefined)
    this.#waiting.failAll(this.#failure)
  }

  #stopTimers(): void {
    this.#connectEnd.stop()
    this.#keepAlive.stop()
    this.#idleEnd.stop()
    this.#messageEnd.stop()
  }
}
