// What `GET /api/events?detail=node` tells beside the events of calls: the state of the trunks when one connects, and
// what is announced from then on. The trunks are looked at once a second, for as long as anybody listens.
import { rfc3339 } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { viewTrunk, type TrunkStates } from '../routes/trunks/trunk-view.ts'
import type { Announcement, Announcements } from './announcements.ts'

export interface NodeNewsDeps {
  readonly announcements: Announcements
  readonly trunks: () => TrunkStates
  readonly clock: Clock
  readonly logger: Logger
}

/** JSON text under an id of the connection that it goes to. */
export type NodeMessage = (id: number) => string

type NodeListener = (message: NodeMessage) => void

const LOOK_EVERY_MS = 1000

export class NodeNews {
  readonly #deps: NodeNewsDeps
  readonly #lookEveryMs: number
  readonly #listeners = new Set<NodeListener>()
  #unsubscribe: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  /** The trunks as they were told. */
  #told = ''
  #failing = false
  #closed = false

  constructor(deps: NodeNewsDeps, lookEveryMs = LOOK_EVERY_MS) {
    this.#deps = deps
    this.#lookEveryMs = lookEveryMs
  }

  /** Tells how things stand, then what comes. @returns ends it; idempotent */
  join(listener: NodeListener): () => void {
    if (this.#closed) return () => undefined
    const data = this.#trunks()
    listener(render({ type: 'trunk.changed', at: this.#deps.clock.now(), data }))
    if (this.#listeners.size === 0) this.#begin(JSON.stringify(data))
    this.#listeners.add(listener)
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#end()
    }
  }

  close(): void {
    this.#closed = true
    this.#listeners.clear()
    this.#end()
  }

  #begin(told: string): void {
    this.#told = told
    this.#unsubscribe = this.#deps.announcements.subscribe((announcement) => {
      const message = render(announcement)
      for (const listener of this.#listeners) listener(message)
    })
    this.#timer = setInterval(() => this.#look(), this.#lookEveryMs).unref()
  }

  #end(): void {
    clearInterval(this.#timer)
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #look(): void {
    try {
      const data = this.#trunks()
      const text = JSON.stringify(data)
      this.#failing = false
      if (text === this.#told) return
      this.#told = text
      this.#deps.announcements.announce('trunk.changed', data)
    } catch (error) {
      // One line when it begins to fail, not one a second.
      if (!this.#failing) this.#deps.logger.error({ err: error }, 'the trunks cannot be looked at')
      this.#failing = true
    }
  }

  #trunks(): Record<string, unknown> {
    const { trunks, sipServerIsAway } = this.#deps.trunks()
    return { trunks: trunks.map(viewTrunk), sip_server_away: sipServerIsAway }
  }
}

/** Made once for all who get it, but for the id. */
function render({ type, at, data }: Announcement): NodeMessage {
  const rest = JSON.stringify({ type, at: rfc3339(at), call_id: null, data }).slice(1)
  return (id) => `{"id":"${id}",${rest}`
}
