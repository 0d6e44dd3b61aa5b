// The agent's own tools (webhooks, MCP, system tools) that run at the vendor: while one does, its silence is no fault.
// Their end is not always told, so each counts for a bounded time.
import { monotonicMs } from '#core/time'

/** The vendor's longest timeout for a tool is 120 s; a little for the answer to be thought of. */
const BUSY_AT_MOST_MS = 130_000
const MAX_REMEMBERED = 64

export interface VendorTools {
  began(key: string): void
  ended(key: string): void
  running(): number
}

export function createVendorTools(now: () => number = monotonicMs): VendorTools {
  const beganAt = new Map<string, number>()
  return {
    began(key) {
      if (beganAt.size < MAX_REMEMBERED) beganAt.set(key, now())
    },
    ended: (key) => void beganAt.delete(key),
    running() {
      if (beganAt.size === 0) return 0
      const stale = now() - BUSY_AT_MOST_MS
      for (const [key, at] of beganAt) if (at < stale) beganAt.delete(key)
      return beganAt.size
    },
  }
}
