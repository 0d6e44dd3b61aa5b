// What telephony vendors keep of calls, and how they are told to forget it. Whoever has the calls of a vendor says so here.
import type { VendorErasure } from './vendor-copies.ts'

/** Of one call; kept in the receipt of its erasure until the vendor has forgotten it. */
export interface TelephonyCopy {
  readonly callId: string
  readonly vendorAccountId: string
  /** Null: nobody knows. */
  readonly sessionId: string | null
  /** Null: none is known, which is not to say that there is none. */
  readonly recordingUrl: string | null
}

export interface TelephonyCopies {
  /** Never rejects but with the reason of the signal. `unknown`: there is none, or none any more. */
  erase(copy: TelephonyCopy, signal: AbortSignal): Promise<VendorErasure>
}

export interface TelephonyCopiesRegistry extends TelephonyCopies {
  /** From now on it is asked. */
  register(copies: TelephonyCopies): void
}

export function createTelephonyCopies(): TelephonyCopiesRegistry {
  let known: TelephonyCopies | undefined
  return {
    register(copies) {
      known = copies
    },
    erase: async (copy, signal) =>
      known === undefined
        ? { kind: 'failed', why: 'the telephony vendor is not set up here' }
        : known.erase(copy, signal),
  }
}
