// Where a verb is played: the call, the document it stands in, and until when.
import type { LiveCall } from './live-call.ts'
import type { Platform } from './platform.ts'
import type { FormParams } from './signature.ts'
import type { HttpMethod } from './twiml-verbs.ts'

export type DocumentSource =
  | {
      readonly kind: 'url'
      readonly url: string
      readonly method: HttpMethod
      readonly params?: FormParams
      readonly fallbackUrl?: string | undefined
    }
  | { readonly kind: 'twiml'; readonly twiml: string }

/** What comes after a verb. */
export type VerbEnd =
  | { readonly kind: 'next' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'reject'; readonly status: 'busy' | 'failed' }
  | { readonly kind: 'goto'; readonly source: DocumentSource }

export interface Scene {
  readonly platform: Platform
  readonly call: LiveCall
  /** Aborts when the call ends, or other TwiML takes over. */
  readonly signal: AbortSignal
  /** Null: the TwiML came by REST. */
  readonly documentUrl: string | null
}

export const NEXT: VerbEnd = { kind: 'next' }

/** Absolute, relative to the document; null when it cannot be. Its fragment stays: it has overrides. */
export function resolveUrl(
  { documentUrl }: Pick<Scene, 'documentUrl'>,
  url: string,
): string | null {
  if (/^https?:\/\//i.test(url)) return url // As we gave it: it is signed so.
  if (documentUrl === null || !URL.canParse(url, documentUrl)) return null
  return new URL(url, documentUrl).href
}

/** On with what stands there; an URL that leads nowhere ends the call. */
export function goTo(
  scene: Scene,
  url: string,
  method: HttpMethod,
  params: FormParams = [],
): VerbEnd {
  const absolute = resolveUrl(scene, url)
  if (absolute !== null)
    return { kind: 'goto', source: { kind: 'url', url: absolute, method, params } }
  scene.call.alert(11100, 'Invalid URL format: relative, and there is nothing it is relative to')
  return { kind: 'hang-up' }
}
