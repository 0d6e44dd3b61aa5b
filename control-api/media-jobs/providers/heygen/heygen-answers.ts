// What HeyGen answers (API v3, developers.heygen.com, read autumn 2026), decoded: all of it stands under `data`.
import type { ProviderBalance, ProviderFailure, ProviderJob } from '../animation-provider.ts'
import { decodeResultUrl } from '../provider-address.ts'
import {
  fieldsIn,
  idIn,
  numberIn,
  rowsIn,
  statusIn,
  textIn,
  timeIn,
  type Fields,
} from '../requests/answer-fields.ts'
import type { ListPage } from '../requests/find-in-pages.ts'
import type { Refusal } from '../requests/provider-requests.ts'
import { heyGenJobRefusal } from './heygen-failures.ts'

/** A word of theirs that nobody knows is taken for one of a job that goes on: its deadline ends it. */
export function decodeVideo(
  video: Fields,
  { baseUrl, failure }: { baseUrl: string; failure: (refusal: Refusal) => ProviderFailure },
): ProviderJob {
  const status = statusIn(video)
  if (status === 'failed')
    return { state: 'failed', status, resultUrl: null, failure: failure(heyGenJobRefusal(video)) }
  const resultUrl = status === 'completed' ? decodeResultUrl(video['video_url'], baseUrl) : null
  return { state: resultUrl === null ? 'running' : 'done', status, resultUrl, failure: null }
}

/** Undefined: it is no list. */
export function decodeVideos(body: Fields): ListPage | undefined {
  const { data } = body
  const rows = Array.isArray(data) ? data : fieldsIn(data)['videos']
  if (!Array.isArray(rows)) return undefined
  const inside = fieldsIn(data)
  return {
    jobs: rowsIn(rows).map((video) => ({
      jobId: idIn(video, 'id') ?? idIn(video, 'video_id'),
      refs: ['callback_id', 'title'].flatMap((name) => textIn(video, name) ?? []),
      createdAt: timeIn(video, 'created_at'),
    })),
    next: nextIn(body) ?? nextIn(inside),
  }
}

const nextIn = (fields: Fields): string | null =>
  fields['has_more'] === false ? null : (textIn(fields, 'next_token') ?? textIn(fields, 'token'))

/** By what the account is billed; what is not told is looked for under the others. */
export function decodeBalance(user: Fields): ProviderBalance {
  const wallet = fieldsIn(user['wallet'])
  const currency = textIn(wallet, 'currency') ?? 'USD'
  const subscription = fieldsIn(user['subscription'])
  const credits = fieldsIn(subscription['credits'])
  const known: Readonly<Record<string, ProviderBalance>> = {
    wallet: { remaining: numberIn(wallet, 'remaining_balance'), unit: unitOf(currency) },
    subscription: {
      remaining: numberIn(subscription, 'credits') ?? remainingIn(credits),
      unit: 'credits',
    },
    usage_based: {
      remaining: numberIn(fieldsIn(user['usage_based']), 'remaining_credits'),
      unit: 'credits',
    },
  }
  const type = textIn(user, 'billing_type') ?? ''
  const told = Object.hasOwn(known, type) ? known[type] : undefined
  if (told && told.remaining !== null) return told
  const other = Object.values(known).find(({ remaining }) => remaining !== null)
  return other ?? told ?? { remaining: null, unit: 'credits' }
}

/** Credits of a subscription may be told by their pools. */
function remainingIn(credits: Fields): number | null {
  const pools = Object.values(credits).flatMap((pool) => {
    const left = typeof pool === 'number' ? pool : numberIn(fieldsIn(pool), 'remaining')
    return left ?? []
  })
  return numberIn(credits, 'remaining') ?? (pools.length === 0 ? null : sumOf(pools))
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)

const unitOf = (currency: string): string =>
  /^[a-z]{3}$/i.test(currency) ? currency.toUpperCase() : 'USD'
