// One connection that is told of events: as fast as it reads, and no faster. What it has not read yet is bounded; one
// that does not read is dropped, and told where to resume.
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { WebSocket } from '@fastify/websocket'
import { passes, type EventFilter, type StreamItem } from './event-source.ts'
import type { EventStream, Follower } from './event-stream.ts'
import type { NodeMessage } from './node-news.ts'

export interface ReaderLimits {
  /** Bytes written and not read, beyond which nothing is added. */
  readonly bufferedBytes: number
  /** So much more for what is not kept, and so cannot be told later; who has not read that either is dropped. */
  readonly announcedBytes: number
  /** Who does not read half of that in so long is dropped. */
  readonly stallMs: number
  /** Who followed, fell behind and has not caught up for so long is dropped: it is slower than what happens. */
  readonly behindMs: number
}

export const READER_LIMITS: ReaderLimits = {
  bufferedBytes: 256 * 1024,
  announcedBytes: 64 * 1024,
  stallMs: 15_000,
  behindMs: 60_000,
}

/** Why we ended it; a label of metrics. */
export type DropReason = 'slow' | 'dead' | 'chatty' | 'failed' | 'revoked' | 'closing'

/** RFC 6455 §7.4.1 and the registry it opens. */
const CLOSE_CODES = {
  slow: 1013,
  dead: 1001,
  chatty: 1008,
  failed: 1011,
  revoked: 1008,
  closing: 1001,
} as const

/** A peer that does not close when told to is cut off. */
const CLOSE_TIMEOUT_MS = 3000
const LOOK_EVERY_MS = 25

export interface ReaderOptions {
  readonly filter: EventFilter
  /** Everything up to here it has. */
  readonly position: number
  readonly limits: ReaderLimits
}

export class EventReader implements Follower {
  readonly #socket: WebSocket
  readonly #stream: EventStream
  readonly #options: ReaderOptions
  readonly #gone = new AbortController()
  #position: number
  /** The last event that was sent: messages that are none go under its id. */
  #lastSent: number
  #fellBehindAt: number | undefined
  #onBehind: (() => void) | undefined
  #dropped: DropReason | undefined

  constructor(socket: WebSocket, stream: EventStream, options: ReaderOptions) {
    this.#socket = socket
    this.#stream = stream
    this.#options = options
    this.#position = options.position
    this.#lastSent = options.position
    socket.once('close', () => {
      this.#gone.abort()
      stream.leave(this)
      this.#onBehind?.()
    })
  }

  get position(): number {
    return this.#position
  }

  get dropped(): DropReason | undefined {
    return this.#dropped
  }

  /** Tells everything behind its position until the connection ends. @throws what the source throws */
  async run(): Promise<void> {
    while (this.#isOpen()) {
      if (await this.#catchUp()) await this.#follow()
    }
  }

  offer(items: readonly StreamItem[], position: number): boolean {
    for (const item of items) {
      if (item.position <= this.#position) continue
      if (!this.#isOpen()) return false
      if (this.#socket.bufferedAmount > this.#options.limits.bufferedBytes) {
        this.#fellBehindAt ??= performance.now()
        this.#onBehind?.()
        return false
      }
      this.#send(item)
    }
    this.#position = Math.max(this.#position, position)
    this.#fellBehindAt = undefined
    return true
  }

  /** A message beside the events. */
  say(text: string): void {
    if (this.#isOpen()) this.#socket.send(text)
  }

  /** What is not kept: told now or, when it has not read enough, never, and then it is dropped. */
  announce(message: NodeMessage): void {
    if (!this.#isOpen()) return
    const { bufferedBytes, announcedBytes } = this.#options.limits
    if (this.#socket.bufferedAmount > bufferedBytes + announcedBytes) this.drop('slow')
    else this.#socket.send(message(this.#lastSent))
  }

  drop(reason: DropReason): void {
    if (this.#dropped) return
    this.#dropped = reason
    const words = `${REASONS[reason]}; resume with last_event_id=${this.#position}`
    this.#socket.close(CLOSE_CODES[reason], words)
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS).unref()
    this.#socket.once('close', () => clearTimeout(cut))
    // Nothing more goes behind the farewell.
    this.#gone.abort()
    this.#stream.leave(this)
    this.#onBehind?.()
  }

  /** Reads for itself; true when it has everything there is. */
  async #catchUp(): Promise<boolean> {
    const batch = await this.#stream.read(this.#position, this.#options.filter)
    for (const item of batch.items) {
      if (!(await this.#hasRoom())) return false
      this.#send(item)
    }
    if (!this.#isOpen()) return false
    this.#position = Math.max(this.#position, batch.position)
    const { behindMs } = this.#options.limits
    if (this.#fellBehindAt !== undefined && performance.now() - this.#fellBehindAt > behindMs)
      this.drop('slow')
    return batch.isLast
  }

  /** Until it falls behind or ends. */
  async #follow(): Promise<void> {
    const behind = new Promise<void>((resolve) => (this.#onBehind = resolve))
    if (this.#isOpen() && this.#stream.follow(this)) await behind
    this.#onBehind = undefined
  }

  #send(item: StreamItem): void {
    this.#position = item.position
    if (!passes(this.#options.filter, item)) return
    this.#socket.send(item.frame, { binary: false })
    this.#lastSent = item.position
  }

  /** Waits until the peer has read enough; false when it is gone, or is dropped for not reading. */
  async #hasRoom(): Promise<boolean> {
    const { bufferedBytes, stallMs } = this.#options.limits
    if (this.#socket.bufferedAmount <= bufferedBytes) return this.#isOpen()
    const until = performance.now() + stallMs
    while (this.#isOpen() && this.#socket.bufferedAmount > bufferedBytes / 2) {
      await sleepFor(LOOK_EVERY_MS)
      if (performance.now() > until) this.drop('slow')
    }
    return this.#isOpen()
  }

  #isOpen(): boolean {
    return !this.#gone.signal.aborted && this.#socket.readyState === this.#socket.OPEN
  }
}

/** A close frame has room for 123 bytes of them. */
const REASONS: Readonly<Record<DropReason, string>> = {
  slow: 'slow reader',
  dead: 'no answer to pings',
  chatty: 'too many messages',
  failed: 'the events could not be read',
  revoked: 'the session is over, or the key is good no more',
  closing: 'the server is closing',
}
