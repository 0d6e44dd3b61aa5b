// Servers that just failed, so that the next call does not wait for them first.
import type { Destination } from '../transport.ts'

/** Long enough to spare a trunk's calls the wait, short enough to find it again after a restart. */
const REMEMBERED_MS = 30_000
const MAX_REMEMBERED = 1_000

export const keyOf = ({ transport, peer }: Destination): string =>
  `${transport.protocol} ${peer.address} ${peer.port}`

export class FailedPeers {
  /** When each failed; the longest ago first. */
  readonly #failedAtMs = new Map<string, number>()

  note(destination: Destination): void {
    const key = keyOf(destination)
    this.#failedAtMs.delete(key)
    this.#failedAtMs.set(key, performance.now())
    if (this.#failedAtMs.size <= MAX_REMEMBERED) return
    const [oldest] = this.#failedAtMs.keys()
    if (oldest !== undefined) this.#failedAtMs.delete(oldest)
  }

  /** Those that failed go to the end, the latest failure last: none is left out, it may be the only one. */
  toEnd(destinations: readonly Destination[]): Destination[] {
    const now = performance.now()
    const failedAtMs = (destination: Destination): number => {
      const atMs = this.#failedAtMs.get(keyOf(destination))
      return atMs === undefined || now - atMs > REMEMBERED_MS ? 0 : atMs
    }
    return destinations.toSorted((a, b) => failedAtMs(a) - failedAtMs(b))
  }
}
