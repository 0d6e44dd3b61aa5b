// Signed URLs as the vendor gives them out: opaque, 15 minutes to start, usable more than once in that time.
import { randomBytes } from 'node:crypto'
import { monotonicMs } from '#core/time'

const LIFETIME_MS = 15 * 60_000

export interface SignedUrls {
  issue(agentId: string): string
  /** The agent a signature stands for; undefined when it is unknown or has expired. */
  agentOf(signature: string): string | undefined
}

export function createSignedUrls(lifetimeMs = LIFETIME_MS): SignedUrls {
  const issued = new Map<string, { readonly agentId: string; readonly at: number }>()
  return {
    issue(agentId) {
      const signature = `cvtkn_${randomBytes(24).toString('base64url')}`
      issued.set(signature, { agentId, at: monotonicMs() })
      return signature
    },
    agentOf(signature) {
      const known = issued.get(signature)
      if (known === undefined) return undefined
      if (monotonicMs() - known.at <= lifetimeMs) return known.agentId
      issued.delete(signature)
      return undefined
    },
  }
}
