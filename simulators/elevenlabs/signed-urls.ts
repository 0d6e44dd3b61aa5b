// Signed URLs as the vendor gives them out: opaque, 15 minutes to start, usable more than once in that time.
import { randomBytes } from 'node:crypto'
import { monotonicMs } from '#core/time'

const LIFETIME_MS = 15 * 60_000

/** What a signature stands for. */
export interface SignedConversation {
  readonly agentId: string
  /** Fixed beforehand, where it was asked for; the signature is then good for one use. */
  readonly conversationId?: string
}

export interface SignedUrls {
  issue(conversation: SignedConversation): string
  /** Undefined when the signature is unknown, used up or has expired. */
  claim(signature: string): SignedConversation | undefined
}

export function createSignedUrls(lifetimeMs = LIFETIME_MS): SignedUrls {
  const issued = new Map<string, SignedConversation & { readonly at: number }>()
  return {
    issue(conversation) {
      const signature = `cvtkn_${randomBytes(24).toString('base64url')}`
      issued.set(signature, { ...conversation, at: monotonicMs() })
      return signature
    },
    claim(signature) {
      const known = issued.get(signature)
      if (known === undefined) return undefined
      const isExpired = monotonicMs() - known.at > lifetimeMs
      if (isExpired || known.conversationId !== undefined) issued.delete(signature)
      return isExpired ? undefined : known
    },
  }
}
