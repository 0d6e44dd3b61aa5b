// Port: the stream of facts about all calls. Published by the gateway (the owner of each call), read by control-api.
import type { CallEvent } from './call-event.ts'

export interface CallEvents {
  /** Delivers to every subscriber in order, at once. A subscriber's exception reaches the log, never the publisher. */
  publish(event: CallEvent): void
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: CallEvent) => void): () => void
}
