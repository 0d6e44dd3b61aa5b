// What the agent's vendor keeps of our talks, and how it is told to forget it.
// https://elevenlabs.io/docs/api-reference/conversations/delete, read 2026-07.
import { setTimeout as sleepFor } from 'node:timers/promises'
import { type Metrics, vendorRequestBegun } from '#core/telemetry'
import type { KeyOfConversation } from './conversation-keys.ts'

/** `unknown`: it has none of this id, or no more. */
export type VendorErasure =
  | { readonly kind: 'erased' }
  | { readonly kind: 'unknown' }
  /** `why` in our words, without what the vendor said. */
  | { readonly kind: 'failed'; readonly why: string }

export interface VendorCopies {
  /** Never rejects. */
  erase(conversationId: string, signal: AbortSignal): Promise<VendorErasure>
}

export interface ElevenLabsAccess {
  /** `https://api.elevenlabs.io` */
  readonly restUrl: string
  /** Without it nothing is asked, and its copies stay. */
  readonly apiKey?: string | undefined
}

const TIMEOUT_MS = 10_000
/** Its limits are of requests a minute, and others need them too. */
const PAUSE_MS = 100

export function createElevenLabsCopies(
  access: ElevenLabsAccess | undefined,
  metrics: Metrics,
  keyOf: KeyOfConversation = () => Promise.resolve({}),
): VendorCopies {
  const ask = async (
    conversationId: string,
    apiKey: string | undefined,
    signal: AbortSignal,
  ): Promise<number | string> => {
    if (access === undefined || apiKey === undefined) return 'no key of the vendor is configured'
    const { restUrl } = access
    const url = new URL(`/v1/convai/conversations/${encodeURIComponent(conversationId)}`, restUrl)
    try {
      const response = await fetch(url, {
        method: 'DELETE',
        headers: { 'xi-api-key': apiKey },
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      await response.body?.cancel()
      return response.status
    } catch (error) {
      signal.throwIfAborted()
      const isLate = error instanceof Error && error.name === 'TimeoutError'
      return isLate ? 'the vendor did not answer in time' : 'the vendor could not be reached'
    }
  }
  return {
    async erase(conversationId, signal) {
      const key = await keyOf(conversationId)
      if (key === undefined)
        return { kind: 'failed', why: 'the key of its application cannot be opened' }
      const ended = vendorRequestBegun(metrics, 'elevenlabs', 'conversation.delete')
      const answer = await ask(conversationId, key.apiKey ?? access?.apiKey, signal)
      const erasure = erasureOf(answer, key.doubt)
      ended(erasure.kind === 'failed' ? 'failed' : 'ok')
      await sleepFor(PAUSE_MS, undefined, { signal })
      return erasure
    },
  }
}

function erasureOf(answer: number | string, doubt: string | undefined): VendorErasure {
  if (typeof answer === 'string') return { kind: 'failed', why: answer }
  if (answer >= 200 && answer < 300) return { kind: 'erased' }
  if (answer === 404)
    return doubt === undefined ? { kind: 'unknown' } : { kind: 'failed', why: doubt }
  return { kind: 'failed', why: `the vendor answered ${answer}` }
}
