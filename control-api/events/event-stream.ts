// One reading of a source for all who follow it: each batch is read and made into messages once, however many listen.
// Whoever is behind (it resumes, or reads slowly) reads for itself until it has caught up.
import { inBackground, type Logger } from '#core/telemetry'
import type { EventBatch, EventFilter, EventSource, StreamItem } from './event-source.ts'

/** Somebody who follows the stream. */
export interface Follower {
  /** Everything up to here it has. */
  readonly position: number
  /** What is new. False: it cannot take it now and follows no more. */
  offer(items: readonly StreamItem[], position: number): boolean
}

/** Readings of those who are behind, at a time: the database has calls to write. */
const READING_AT_ONCE = 4
/** Nothing is missed when an announcement is: another node wrote it. */
const LOOK_EVERY_MS = 1000

export class EventStream {
  readonly #source: EventSource
  readonly #logger: Logger
  readonly #followers = new Set<Follower>()
  readonly #waiting: (() => void)[] = []
  #reading = 0
  #position = 0
  #pumping = false
  #again = false
  #stopListening: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(source: EventSource, logger: Logger) {
    this.#source = source
    this.#logger = logger
  }

  /** @returns false when the follower must read on first: there is more before what comes next */
  follow(follower: Follower): boolean {
    if (this.#followers.size === 0) this.#position = follower.position
    else if (follower.position < this.#position) return false
    this.#followers.add(follower)
    this.#listen()
    this.#look()
    return true
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower)
    if (this.#followers.size > 0) return
    this.#stopListening?.()
    this.#stopListening = undefined
    clearInterval(this.#timer)
  }

  /** For one who is behind. */
  async read(after: number, filter: EventFilter): Promise<EventBatch> {
    if (this.#reading >= READING_AT_ONCE)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#reading += 1
    try {
      return await this.#source.read(after, filter)
    } finally {
      this.#reading -= 1
      this.#waiting.shift()?.()
    }
  }

  #listen(): void {
    if (this.#stopListening) return
    this.#stopListening = this.#source.onNews(() => this.#look())
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
  }

  #look(): void {
    if (this.#pumping) this.#again = true
    else inBackground(this.#pump(), this.#logger, 'reading events for those who listen')
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    try {
      let isLast = false
      while (this.#followers.size > 0 && (!isLast || this.#isAsked())) {
        this.#again = false
        const batch = await this.#source.read(this.#position)
        // Somebody who came meanwhile may be further already.
        this.#position = Math.max(this.#position, batch.position)
        isLast = batch.isLast
        for (const follower of this.#followers)
          if (!follower.offer(batch.items, batch.position)) this.leave(follower)
      }
    } finally {
      this.#pumping = false
    }
  }

  /** Told of news meanwhile. */
  #isAsked(): boolean {
    return this.#again
  }
}
