// The calls of Voximplant that are live, by our id and by their session.
import type { CallId } from '#core/contracts'
import { CallBook } from '../../calls/call-book.ts'
import type { VoximplantCall } from './voximplant-call.ts'

export class VoximplantBook extends CallBook<VoximplantCall> {
  readonly #onEnded: (callId: CallId) => void

  /** @param onEnded told when the record of a call is closed */
  constructor(onEnded: (callId: CallId) => void) {
    super()
    this.#onEnded = onEnded
  }

  override add(call: VoximplantCall): void {
    super.add(call)
    void call.over.then(() => {
      this.#onEnded(call.identity.callId)
    })
  }

  findBySession(vendorAccountId: string, sessionId: string): VoximplantCall | undefined {
    return this.all().find(
      (call) => call.sessionId === sessionId && call.vendorAccountId === vendorAccountId,
    )
  }
}
