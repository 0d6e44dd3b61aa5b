// The calls that are live in this process.
import type { CallId, LiveCall } from '#core/contracts'
import type { CallSession } from './call-session.ts'

export class CallRegistry {
  readonly #sessions = new Map<CallId, CallSession>()

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

  get sessions(): readonly CallSession[] {
    return [...this.#sessions.values()]
  }

  list(): readonly LiveCall[] {
    return this.sessions.map((session) => session.live)
  }
}
