// The calls that are live in this process.
import type { CallId, LiveCall } from '#core/contracts'
import type { CallSession } from './call-session.ts'

export class CallRegistry {
  readonly #sessions = new Map<CallId, CallSession>()

  #secondLegs = 0

  /** Keeps the session until it is over. */
  add(session: CallSession): void {
    const { callId } = session.identity
    this.#sessions.set(callId, session)
    void session.over.then(() => this.#sessions.delete(callId))
  }

  find(callId: CallId): CallSession | undefined {
    return this.#sessions.get(callId)
  }

  get size(): number {
    return this.#sessions.size
  }

  /** The second call of a transfer is one more on the wire. Returns the function that gives its slot back, once. */
  holdSecondLeg(): () => void {
    let isHeld = true
    this.#secondLegs += 1
    return () => {
      if (isHeld) this.#secondLegs -= 1
      isHeld = false
    }
  }

  /** Calls that hold a slot: one that is only waiting for a late ACK or a lost answer to BYE holds none. */
  get liveCount(): number {
    let count = this.#secondLegs
    for (const session of this.#sessions.values()) if (!session.isEnding()) count += 1
    return count
  }

  /** Conversations of the agents' vendor that are held, or will be asked for when a phone is picked up. */
  get agentSlots(): number {
    let count = 0
    for (const session of this.#sessions.values()) if (session.holdsAgentSlot) count += 1
    return count
  }

  get sessions(): readonly CallSession[] {
    return [...this.#sessions.values()]
  }

  list(): readonly LiveCall[] {
    return this.sessions.map((session) => session.live)
  }
}
