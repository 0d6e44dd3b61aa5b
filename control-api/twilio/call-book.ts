// The calls of Twilio that are live, by our id and by theirs.
import type { CallId } from '#core/contracts'
import type { TwilioCall } from './twilio-call.ts'

export class CallBook {
  readonly #byId = new Map<CallId, TwilioCall>()

  add(call: TwilioCall): void {
    this.#byId.set(call.identity.callId, call)
    void call.over.then(() => this.#byId.delete(call.identity.callId))
  }

  get size(): number {
    return this.#byId.size
  }

  find(callId: CallId): TwilioCall | undefined {
    return this.#byId.get(callId)
  }

  findBySid(sid: string): TwilioCall | undefined {
    for (const call of this.#byId.values()) if (call.sid === sid) return call
    return undefined
  }

  all(): readonly TwilioCall[] {
    return [...this.#byId.values()]
  }
}
