// CallEvents in process: every subscriber hears every event, in order; one that throws is reported and goes on.
import type { CallEvent, CallEvents } from '../contracts/index.ts'

/** `report` gets what a subscriber threw. */
export function createCallEventBus(report: (error: unknown) => void): CallEvents {
  const listeners = new Set<(event: CallEvent) => void>()
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          report(error)
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
