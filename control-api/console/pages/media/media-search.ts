// What the lists of media and of animations are narrowed to: read from an address and written to it, and as the API takes it.
import type { AnimationQuery, MediaQuery } from './requests.ts'
import {
  MEDIA_KINDS,
  PROVIDERS,
  STATUSES,
  type AnimationStatus,
  type MediaKind,
  type ProviderName,
} from './shapes.ts'

/** Of both tabs: each shows and asks for what it knows. */
export interface MediaFilters {
  readonly memorial_id?: string | undefined
  readonly kind?: MediaKind | undefined
  readonly status?: AnimationStatus | undefined
  readonly provider?: ProviderName | undefined
  /** Where uploads go; absent: to the one that is shown, or the default. */
  readonly to?: string | undefined
}

const DEFAULT_MEMORIAL = 'default'
export const MAX_MEMORIAL = 64
const MEMORIAL = /^[A-Za-z0-9._-]{1,64}$/
const MEDIA_PER_PAGE = 24
const ANIMATIONS_PER_PAGE = 20

/** Dots alone are a step in an address. */
export const isMemorialId = (text: string): boolean => MEMORIAL.test(text) && !/^\.+$/.test(text)

/** Of a choice; undefined: none of them. */
export const oneOf = <T extends string>(values: readonly T[], text: string | null): T | undefined =>
  values.find((one) => one === text)

export function readFilters(query: string): MediaFilters {
  const asked = new URLSearchParams(query)
  const memorial = asked.get('memorial_id') ?? ''
  const to = asked.get('to')?.slice(0, MAX_MEMORIAL)
  return {
    memorial_id: isMemorialId(memorial) ? memorial : undefined,
    kind: oneOf(MEDIA_KINDS, asked.get('kind')),
    status: oneOf(STATUSES, asked.get('status')),
    provider: oneOf(PROVIDERS, asked.get('provider')),
    to,
  }
}

/** With the question mark, or nothing. */
export function writeFilters(filters: MediaFilters): string {
  const { memorial_id, kind, status, provider, to } = filters
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ memorial_id, kind, status, provider, to }))
    if (value !== undefined) query.set(name, value)
  return query.size === 0 ? '' : `?${query.toString()}`
}

/** Where uploads go is no narrowing. */
export const clearedFilters = ({ to }: MediaFilters): MediaFilters => ({ to })

export const uploadTarget = ({ to, memorial_id: shown }: MediaFilters): string =>
  to ?? shown ?? DEFAULT_MEMORIAL

export const isMediaNarrowed = ({ memorial_id: memorial, kind }: MediaFilters): boolean =>
  memorial !== undefined || kind !== undefined

export const areAnimationsNarrowed = (filters: MediaFilters): boolean =>
  filters.memorial_id !== undefined ||
  filters.status !== undefined ||
  filters.provider !== undefined

export function mediaQuery(filters: MediaFilters, cursor: string | undefined): MediaQuery {
  const { memorial_id, kind } = filters
  return { ...given({ memorial_id, kind, cursor }), limit: MEDIA_PER_PAGE }
}

export function animationQuery(filters: MediaFilters, cursor: string | undefined): AnimationQuery {
  const { memorial_id, status, provider } = filters
  return { ...given({ memorial_id, status, provider, cursor }), limit: ANIMATIONS_PER_PAGE }
}

const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
