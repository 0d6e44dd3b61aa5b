// The calls of a telephony vendor that are live, by our id.
import type { CallId } from '#core/contracts'

export interface BookedCall {
  readonly identity: { readonly callId: CallId }
  /** Resolves when its record is closed. */
  readonly over: Promise<unknown>
}

export class CallBook<C extends BookedCall> {
  readonly #byId = new Map<CallId, C>()

  add(call: C): void {
    const { callId } = call.identity
    this.#byId.set(callId, call)
    void call.over.then(() => this.#byId.delete(callId))
  }

  get size(): number {
    return this.#byId.size
  }

  find(callId: CallId): C | undefined {
    return this.#byId.get(callId)
  }

  all(): readonly C[] {
    return [...this.#byId.values()]
  }
}
