// How the simulated D-ID is started, and what its owner can do with it.
import type { StudioVendor, StudioVendorOptions } from '#simulators/animation-studio'

/** What stands after `Basic `: the key as it is, or base64 of it. */
export type BasicForm = 'raw' | 'base64' | 'both'

export interface DIdOptions extends StudioVendorOptions {
  /** `USER:PASSWORD`. Default: one of its own. */
  readonly apiKey?: string | undefined
  /** Not known of the vendor: which form of Basic it takes. Default both. */
  readonly basicForm?: BasicForm | undefined
  /** The key after `Bearer ` too. Default true. */
  readonly takesBearer?: boolean | undefined
  /** Jobs rendered at a time; the others stay `created`. Default 4. */
  readonly concurrency?: number | undefined
  /** Not known of the vendor: whether talks in a list have their `user_data` and `name`. Default true. */
  readonly listsUserData?: boolean | undefined
  /** Not known of the vendor: whether a talk that failed says why. Default true. */
  readonly showsError?: boolean | undefined
  /** Not known of the vendor: the shape of a 401, its own or the gateway’s. Default own. */
  readonly unauthorizedShape?: 'own' | 'gateway' | undefined
  /** Not known of the vendor: 429 of the gateway has `message` alone. Default gateway. */
  readonly rateLimitShape?: 'own' | 'gateway' | undefined
  /** Webhooks are sent again so often. Not known of the vendor; default: never. */
  readonly webhookRetryMs?: readonly number[] | undefined
  /** Credits a talk; default 1, also for one that fails. */
  readonly creditsPerTalk?: number | undefined
}

export type DIdSimulator = StudioVendor
