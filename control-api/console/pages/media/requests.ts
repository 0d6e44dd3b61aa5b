// The requests of the page. An upload goes its own way (upload/send-file.ts): it shows how far it is.
import { client } from '../../api/generated/client.gen.ts'
import type {
  AnimateBody,
  Animation,
  AnimationPage,
  AskedAnimation,
  Balance,
  Media,
  MediaPage,
  ProviderName,
  Providers,
  WholeAnimation,
} from './shapes.ts'

const BASE = '/api/v1'

interface Asked {
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

async function ask<T>(
  method: 'get' | 'post' | 'delete',
  path: string,
  { query, body, headers, signal }: Asked = {},
): Promise<T> {
  const { data } = await client[method]<{ 200: T }, unknown, true>({
    url: `${BASE}${path}`,
    throwOnError: true,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  })
  return data
}

const one = encodeURIComponent

export interface MediaQuery {
  readonly memorial_id?: string
  readonly kind?: string
  readonly cursor?: string
  readonly limit: number
}
export const listMedia = (query: MediaQuery, signal?: AbortSignal) =>
  ask<MediaPage>('get', '/media', { query: { ...query }, ...given(signal) })
export const getMedia = (id: string, signal?: AbortSignal) =>
  ask<Media>('get', `/media/${one(id)}`, given(signal))
export const deleteMedia = (id: string) => ask<unknown>('delete', `/media/${one(id)}`)
export const transcodeMedia = (id: string) => ask<Media>('post', `/media/${one(id)}/transcode`)

export const contentOf = (id: string): string => `${BASE}/media/${one(id)}/content`
export const previewOf = (id: string): string => `${BASE}/media/${one(id)}/preview`
export const uploadAddress = (memorialId: string): string =>
  `${BASE}/memorials/${one(memorialId)}/media/upload`

export interface AnimationQuery {
  readonly status?: string
  readonly provider?: string
  readonly memorial_id?: string
  readonly cursor?: string
  readonly limit: number
}
export const listAnimations = (query: AnimationQuery, signal?: AbortSignal) =>
  ask<AnimationPage>('get', '/ai/animations', { query: { ...query }, ...given(signal) })
export const getAnimation = (id: string, signal?: AbortSignal) =>
  ask<WholeAnimation>('get', `/ai/animations/${one(id)}`, given(signal))
export const cancelAnimation = (id: string) =>
  ask<Animation>('post', `/ai/animations/${one(id)}/cancel`)
export const retryAnimation = (id: string) =>
  ask<Animation>('post', `/ai/animations/${one(id)}/retry`)
export const deleteAnimation = (id: string) => ask<unknown>('delete', `/ai/animations/${one(id)}`)
/** @param key one a wish */
export const animate = (body: AnimateBody, key: string) =>
  ask<AskedAnimation>('post', '/ai/photo/animate', { body, headers: { 'idempotency-key': key } })

export const listProviders = (signal?: AbortSignal) =>
  ask<Providers>('get', '/ai/providers', given(signal))
/** The vendor is asked while we wait. */
export const readBalance = (provider: ProviderName) =>
  ask<Balance>('get', `/ai/providers/${one(provider)}/balance`)

const given = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal })
