// Requests to HeyGen's API v3: by its key, and what is under `data`.
import {
  ProviderRequests,
  type Answered,
  type Asked,
  type Operation,
  type RequestDeps,
  type RequestTiming,
} from '../requests/provider-requests.ts'
import { fieldsIn, type Fields } from '../requests/answer-fields.ts'
import type { ProviderFailure } from '../animation-provider.ts'
import { heyGenRefusal } from './heygen-failures.ts'

export interface HeyGenConfig {
  readonly apiKey: string
  readonly baseUrl: string
  /** Other than REQUEST_TIMING, in tests. */
  readonly timing?: Partial<RequestTiming> | undefined
}

export interface HeyGenRequests extends Pick<ProviderRequests, 'failure'> {
  readonly baseUrl: string
  /** @throws ProviderFailure */
  send(asked: Omit<Asked, 'headers'> & Partial<Pick<Asked, 'headers'>>): Promise<Answered>
  unreadable(operation: Operation): ProviderFailure
}

export function createHeyGenRequests(
  deps: RequestDeps,
  { apiKey, baseUrl, timing }: HeyGenConfig,
): HeyGenRequests {
  const dialect = {
    name: 'heygen' as const,
    title: 'HeyGen',
    keyVariable: 'HEYGEN_API_KEY',
    addressVariable: 'HEYGEN_BASE_URL',
    baseUrl,
    secrets: [apiKey],
    refusalOf: heyGenRefusal,
  }
  const requests = new ProviderRequests(deps, dialect, timing)
  return {
    baseUrl,
    send: (asked) =>
      requests.send({ ...asked, headers: { ...asked.headers, 'x-api-key': apiKey } }),
    failure: (refusal, hidden) => requests.failure(refusal, hidden),
    unreadable: (operation) => requests.unreadable(operation),
  }
}

export const dataIn = ({ body }: Answered): Fields => fieldsIn(body['data'])
