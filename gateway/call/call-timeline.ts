// The one pen of a call: every fact about it is written here, so the timeline, the ledger and the record tell one story.
import type {
  CallEvent,
  CallEventData,
  CallEvents,
  CallEventType,
  CallId,
  DialogIdentity,
  LedgerEvidence,
} from '#core/contracts'
import type { Clock } from '#core/time'
import type { InviteFailure } from '../sip/sip-port.ts'

export class CallTimeline {
  readonly #events: CallEvents
  readonly #clock: Clock
  readonly #callId: CallId
  #byeNoted = false
  #isMuted = false

  constructor(deps: { readonly events: CallEvents; readonly clock: Clock }, callId: CallId) {
    this.#events = deps.events
    this.#clock = deps.clock
    this.#callId = callId
  }

  note<T extends CallEventType>(type: T, data: CallEventData[T], at = this.#clock.now()): void {
    if (this.#isMuted) return
    this.#events.publish({ type, callId: this.#callId, at, data } as CallEvent)
  }

  /** From now on nothing is told. */
  mute(): void {
    this.#isMuted = true
  }

  noteAnswered({ dialog, cseq, answeredAt }: LedgerEvidence, identity: DialogIdentity): void {
    this.note('sip.answered', { dialog, cseq, ...identity }, answeredAt)
  }

  noteFailure(
    { status, local, detail, q850Cause }: Omit<InviteFailure, 'lost'>,
    nextTrunk?: string,
  ): void {
    this.note('sip.failed', {
      sipStatus: status,
      ...(local ? { local } : {}),
      ...(detail === undefined ? {} : { detail }),
      ...(q850Cause === undefined ? {} : { q850Cause }),
      ...(nextTrunk === undefined ? {} : { nextTrunk }),
    })
  }

  /** A dialog has one BYE, whoever sent it first. */
  noteBye(direction: 'received' | 'sent', reason?: string): void {
    if (this.#byeNoted) return
    this.#byeNoted = true
    this.note('sip.bye', { direction, ...(reason === undefined ? {} : { reason }) })
  }
}
