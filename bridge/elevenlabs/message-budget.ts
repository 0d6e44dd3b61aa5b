// How much an agent may send: what is beyond five minutes of speech is not heard anyway (audio/playout-queue.ts), and
// reading it takes the time of every other call on the thread.
import { monotonicMs } from '#core/time'

/** Five minutes of the richest format are 38 MB of base64. */
const BURST_BYTES = 64 * 1024 * 1024
/** Eight times the richest format in real time. */
const BYTES_PER_SECOND = 1024 * 1024
/** What a message costs beside its bytes. */
const MESSAGE_BYTES = 500

export interface MessageBudget {
  /** Another message came. False when it is too much. */
  spend(bytes: number): boolean
}

export function createMessageBudget(now: () => number = monotonicMs): MessageBudget {
  let leftBytes = BURST_BYTES
  let atMs = now()
  return {
    spend(bytes) {
      const nowMs = now()
      const earnedBytes = ((nowMs - atMs) / 1000) * BYTES_PER_SECOND
      leftBytes = Math.min(BURST_BYTES, leftBytes + earnedBytes) - bytes - MESSAGE_BYTES
      atMs = nowMs
      return leftBytes >= 0
    },
  }
}
