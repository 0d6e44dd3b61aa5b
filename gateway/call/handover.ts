// What a transfer under way changes about its call.
import type { Termination } from '#core/contracts'

export interface Handover {
  /** What the far end's BYE means now; undefined: that it hung up. */
  readonly byeMeans: Termination | undefined
  /** What the carrier says of the call that our REFER asked for. */
  referProgress(status: number): void
}
