// What D-ID answers (docs.d-id.com, API 4.2.1, read autumn 2026), decoded.
import type { ProviderBalance, ProviderFailure, ProviderJob } from '../animation-provider.ts'
import { decodeResultUrl } from '../provider-address.ts'
import {
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
import { dIdJobRefusal } from './d-id-failures.ts'

/** A word of theirs that nobody knows is taken for one of a job that goes on: its deadline ends it. */
export function decodeTalk(
  talk: Fields,
  { baseUrl, failure }: { baseUrl: string; failure: (refusal: Refusal) => ProviderFailure },
): ProviderJob {
  const status = statusIn(talk)
  if (status === 'error' || status === 'rejected')
    return {
      state: 'failed',
      status,
      resultUrl: null,
      failure: failure(dIdJobRefusal(status, talk)),
    }
  const resultUrl = status === 'done' ? decodeResultUrl(talk['result_url'], baseUrl) : null
  // `done` comes before the address now and then.
  return { state: resultUrl === null ? 'running' : 'done', status, resultUrl, failure: null }
}

export const decodeTalks = (body: Fields): ListPage => ({
  jobs: rowsIn(body['talks']).map((talk) => ({
    jobId: idIn(talk, 'id'),
    refs: ['user_data', 'name'].flatMap((name) => textIn(talk, name) ?? []),
    createdAt: timeIn(talk, 'created_at'),
  })),
  next: textIn(body, 'token'),
})

export const decodeCredits = (body: Fields): ProviderBalance => ({
  remaining: numberIn(body, 'remaining'),
  unit: 'credits',
})
