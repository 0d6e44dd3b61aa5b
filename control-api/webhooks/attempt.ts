// What one attempt to deliver is made of: the event with its call as it stands, the endpoint policy, the signatures,
// the request. Numbers and words of callers leave in the body alone.
import { ms, decodeCallId, type Milliseconds } from '#core/contracts'
import { codeOf } from '#core/errors'
import type { Logger, Tracing } from '#core/telemetry'
import { wallClock, type Clock } from '#core/time'
import type { CallRepository } from '../calls/repository.ts'
import { viewFeedEvent } from '../feed/feed-view.ts'
import type { Feed } from '../feed/feed.ts'
import { named, type DeliveryRow } from './deliveries.ts'
import type { EndpointPolicy } from './endpoint-policy.ts'
import type { EndpointRow, Endpoints } from './endpoints.ts'
import { sendWebhook } from './send-webhook.ts'
import { signatureHeaders } from './signature.ts'
import { traceHeader } from './traced-attempt.ts'

export type AttemptResult =
  | { readonly kind: 'taken'; readonly status: number }
  /** 410: the receiver wants no more. */
  | { readonly kind: 'gone'; readonly status: number }
  | { readonly kind: 'failed'; readonly status: number | null; readonly why: string }
  /** The endpoint policy says no. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nothing is left to be told. */
  | { readonly kind: 'forgotten' }

export interface AttemptDeps {
  readonly feed: Pick<Feed, 'since'>
  readonly calls: Pick<CallRepository, 'find'>
  readonly endpoints: Pick<Endpoints, 'secretsOf'>
  readonly policy: EndpointPolicy
  readonly clock: Clock
  readonly logger: Logger
  /** Absent: off. */
  readonly tracing?: Pick<Tracing, 'ratio'> | undefined
}

export interface AttemptOptions {
  readonly userAgent: string
  readonly connectTimeout?: Milliseconds
  readonly totalTimeout?: Milliseconds
  readonly ca?: string | undefined
}

const CONNECT_TIMEOUT = ms(3000)
const TOTAL_TIMEOUT = ms(10_000)
const GONE = 410

export async function attemptDelivery(
  deps: AttemptDeps,
  { endpoint, delivery }: { readonly endpoint: EndpointRow; readonly delivery: DeliveryRow },
  options: AttemptOptions,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const message = await messageOf(deps, delivery)
  if (!message) return { kind: 'forgotten' }
  const examined = await deps.policy.examine(endpoint.url)
  if (examined.kind === 'refused') return examined
  if (examined.kind === 'unresolved') return { kind: 'failed', status: null, why: examined.why }
  const body = JSON.stringify(message)
  const signatures = sign(deps, { endpoint, delivery }, message.id, body)
  if (!signatures) return { kind: 'failed', status: null, why: 'its secret cannot be opened' }
  const { url, addresses } = examined
  const { userAgent, connectTimeout = CONNECT_TIMEOUT, totalTimeout = TOTAL_TIMEOUT, ca } = options
  const headers = {
    'content-type': 'application/json',
    'user-agent': userAgent,
    ...traceHeader(delivery, deps.tracing),
    ...signatures,
  }
  const outcome = await sendWebhook(
    { url, addresses, headers, body },
    { connectTimeout, totalTimeout, signal, ca },
  )
  return outcome.kind === 'answered'
    ? resultOf(outcome.status)
    : { kind: 'failed', status: null, why: outcome.why }
}

function resultOf(status: number): AttemptResult {
  if (status >= 200 && status < 300) return { kind: 'taken', status }
  if (status === GONE) return { kind: 'gone', status }
  const why =
    status >= 300 && status < 400
      ? `answered ${status}: redirects are not followed`
      : `answered ${status}`
  return { kind: 'failed', status, why }
}

async function messageOf({ feed, calls }: AttemptDeps, { feed_position: position }: DeliveryRow) {
  const [event] = await feed.since(position - 1, 1)
  if (event?.position !== position) return undefined
  const callId = event.callId === null ? undefined : decodeCallId(event.callId)
  const call = callId === undefined ? undefined : await calls.find(callId)
  return viewFeedEvent(event, call)
}

function sign(
  { endpoints, clock, logger }: AttemptDeps,
  { endpoint, delivery }: { readonly endpoint: EndpointRow; readonly delivery: DeliveryRow },
  id: string,
  body: string,
): Readonly<Record<string, string>> | undefined {
  const secrets = (): readonly string[] => endpoints.secretsOf(endpoint, clock.now())
  try {
    return signatureHeaders({ id, at: wallClock.now(), body }, secrets())
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    logger.error({ err: error, ...named(delivery) }, 'a webhook cannot be signed')
    return undefined
  }
}
