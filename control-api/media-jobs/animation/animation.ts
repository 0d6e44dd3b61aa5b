// What an animation is: a photo and words that a provider makes a talking video of.

export const ANIMATION_PROVIDERS = ['d-id', 'heygen'] as const
export type AnimationProviderName = (typeof ANIMATION_PROVIDERS)[number]

/**
 * `queued`: its photo is prepared, and it waits for a place at the provider. `submitting`: the request that costs money is
 * under way. `processing`: the provider renders. Then the result is fetched, checked and stored.
 */
export const ANIMATION_STATES = [
  'queued',
  'submitting',
  'processing',
  'downloading',
  'validating',
  'storing',
  'done',
  'failed',
  'canceled',
] as const
export type AnimationState = (typeof ANIMATION_STATES)[number]

/** As the replaced system named them. */
export const ANIMATION_STATUSES = ['pending', 'processing', 'done', 'failed', 'canceled'] as const
export type AnimationStatus = (typeof ANIMATION_STATUSES)[number]

const STATUS: Readonly<Record<AnimationState, AnimationStatus>> = {
  queued: 'pending',
  submitting: 'pending',
  processing: 'processing',
  downloading: 'processing',
  validating: 'processing',
  storing: 'processing',
  done: 'done',
  failed: 'failed',
  canceled: 'canceled',
}

export const statusOf = (state: AnimationState): AnimationStatus => STATUS[state]

/** Nothing more is done about it, but a late result of one that failed by its deadline is still taken. */
export const isOver = (state: AnimationState): state is 'done' | 'failed' | 'canceled' =>
  state === 'done' || state === 'failed' || state === 'canceled'

export const OVER_STATES = ANIMATION_STATES.filter(isOver)
export const ACTIVE_STATES = ANIMATION_STATES.filter((state) => !isOver(state))

/** Why it failed, or cannot go on. */
export interface AnimationError {
  readonly kind: AnimationErrorKind
  /** In words for whoever asked: what went wrong, with the provider's own words, and what to do. No addresses, no secrets. */
  readonly message: string
  /** What the provider calls it. */
  readonly code: string | null
}

/** `auth` … `unknown`: of the provider; the others are ours. */
export const ANIMATION_ERROR_KINDS = [
  'auth',
  'credits',
  'permission',
  'invalid_input',
  'bad_image',
  'moderation',
  'rate_limited',
  'transient',
  'not_found',
  'unknown',
  'photo',
  'speech',
  'deadline',
  'submission_unknown',
  'download',
  'damaged_result',
  'storage',
] as const
export type AnimationErrorKind = (typeof ANIMATION_ERROR_KINDS)[number]
