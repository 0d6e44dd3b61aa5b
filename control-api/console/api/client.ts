// The one client of the API: same origin, the session's cookie goes along by itself; what is refused is an ApiProblem.
import { client } from './generated/client.gen.ts'
import type { Problem } from './generated/types.gen.ts'
import { ApiProblem } from './problem.ts'

/** Longer than any route takes that is not a download. */
const REQUEST_TIMEOUT_MS = 20_000

type Refused = (problem: ApiProblem) => void

/** @param onRefused told of every refusal: a session that is over, above all */
export function setUpClient(onRefused: Refused): void {
  client.setConfig({ baseUrl: location.origin, fetch: fetchInTime })
  client.interceptors.error.use((error, response) => {
    const problem = describe(error, response)
    onRefused(problem)
    return problem
  })
}

function fetchInTime(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const asked = init?.signal ?? (input instanceof Request ? input.signal : undefined)
  return fetch(input, { ...init, signal: asked ? AbortSignal.any([asked, timeout]) : timeout })
}

function describe(error: unknown, response: Response | undefined): ApiProblem {
  // Without an answer: the server is gone, or took too long.
  if (!response) return new ApiProblem(0, {})
  return new ApiProblem(response.status, isProblem(error) ? error : {})
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body

/**
 * A repeated click must not ring, or pay, twice: made once for what somebody means to do, sent as `Idempotency-Key`.
 * (crypto.randomUUID needs https; this does not.)
 */
export const idempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
