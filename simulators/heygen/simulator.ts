// The simulated HeyGen: assets, videos, webhooks and the account, on loopback.
import {
  DAY_MS,
  Refusal,
  Routes,
  StudioPlatform,
  type Answer,
  type StudioRequest,
} from '#simulators/animation-studio'
import { Assets } from './assets.ts'
import { Events } from './events.ts'
import { Idempotency } from './idempotency.ts'
import type { HeyGenOptions, HeyGenSimulator } from './options.ts'
import { Videos } from './videos.ts'
import { EVENT_TYPES, WebhookEndpoints } from './webhook-endpoints.ts'
import { dataOf, notFound, PAYLOAD_TOO_LARGE, rateLimited, RETIRED, unauthorized } from './words.ts'

const API_KEY = 'a-key-of-the-simulator'
const MOST_BYTES = 33 * 1024 * 1024
const RETRY_MS = [1000, 5000, 30_000, 120_000]
const ASSETS_KEPT_MS = 30 * DAY_MS

const ROUTES = new Routes([
  'POST /v3/assets',
  'POST /v3/videos',
  'GET /v3/videos',
  'GET /v3/videos/statuses',
  'GET /v3/videos/{id}',
  'DELETE /v3/videos/{id}',
  'GET /v3/webhooks/event-types',
  'GET /v3/webhooks/events',
  'POST /v3/webhooks/endpoints',
  'GET /v3/webhooks/endpoints',
  'PATCH /v3/webhooks/endpoints/{id}',
  'DELETE /v3/webhooks/endpoints/{id}',
  'POST /v3/webhooks/endpoints/{id}/rotate-secret',
  'GET /v3/users/me',
])

interface Desk {
  readonly platform: StudioPlatform
  readonly assets: Assets
  readonly videos: Videos
  readonly endpoints: WebhookEndpoints
  readonly events: Events
  readonly idempotency: Idempotency
  readonly options: HeyGenOptions
}

export async function startHeyGen(options: HeyGenOptions = {}): Promise<HeyGenSimulator> {
  const { apiKey = API_KEY } = options
  // Whatever is taken is rendered at once.
  const places = Number.POSITIVE_INFINITY
  const platform = new StudioPlatform({ options, apiKey, places, retryMs: RETRY_MS })
  const desk = furnished(platform, options)
  await platform.listen({
    words: { unauthorized, rateLimited },
    mostBytes: MOST_BYTES,
    routeOf: (method, pathname) => ROUTES.of(method, pathname),
    carryOut: (route, request) => carryOut(desk, route, request),
    tell: async ({ id }, telling) => {
      const video = desk.videos.find(id)
      if (video !== undefined) await desk.events.tell(video, telling)
    },
    uploads: () => desk.assets.size,
  })
  return platform
}

function furnished(platform: StudioPlatform, options: HeyGenOptions): Desk {
  const { now } = platform
  const keptMs = options.uploadsKeptMs ?? ASSETS_KEPT_MS
  const assets = new Assets({ keptMs, now, baseUrl: () => platform.baseUrl })
  const idempotency = new Idempotency({
    now,
    keptMs: options.replayedMs ?? DAY_MS,
    replaysRefusals: options.replaysRefusals ?? false,
  })
  const endpoints = new WebhookEndpoints({
    now,
    allowHttpLoopback: options.allowHttpLoopback ?? true,
    probe: (url) => (options.probesEndpoints === true ? isThere(platform, url) : asItIs),
  })
  const events = new Events(platform, endpoints, {
    signatureHeaders: options.signatureHeaders ?? 'v3',
    signsCallbacks: options.signsCallbacks ?? false,
  })
  const videos = new Videos({ platform, assets, idempotency, options })
  return { platform, assets, videos, endpoints, events, idempotency, options }
}

const asItIs = Promise.resolve(true)

async function isThere({ sender }: StudioPlatform, url: string): Promise<boolean> {
  const probe = { jobId: null, method: 'OPTIONS', url, headers: () => ({}), body: '' } as const
  const status = await sender.send({ ...probe, isOnce: true })
  return status >= 200 && status < 300
}

function isKey({ headers }: StudioRequest, apiKey: string): boolean {
  const { authorization } = headers
  return headers['x-api-key'] === apiKey || authorization === `Bearer ${apiKey}`
}

/** @throws Refusal */
function carryOut(desk: Desk, route: string, request: StudioRequest): Answer | Promise<Answer> {
  if (/^\/v[12]\//.test(request.url.pathname)) throw new Refusal(RETIRED)
  if (!isKey(request, desk.platform.apiKey)) throw new Refusal(unauthorized())
  if (request.isTooLarge) throw new Refusal(PAYLOAD_TOO_LARGE)
  return route.includes('/webhooks/')
    ? carryOutWebhooks(desk, route, request)
    : carryOutVideos(desk, route, request)
}

function carryOutVideos(
  desk: Desk,
  route: string,
  request: StudioRequest,
): Answer | Promise<Answer> {
  const { assets, videos } = desk
  switch (route) {
    case 'POST /v3/assets':
      return onceOnly(desk, route, request, () => assets.take(request))
    case 'POST /v3/videos':
      return videos.submit(request)
    case 'GET /v3/videos':
      return videos.list(request)
    case 'GET /v3/videos/statuses':
      return videos.statuses(request)
    case 'GET /v3/videos/{id}':
      return videos.get(request)
    case 'DELETE /v3/videos/{id}':
      return videos.remove(request)
    case 'GET /v3/users/me':
      return dataOf(accountOf(desk))
    default:
      throw notFound('route')
  }
}

function carryOutWebhooks(
  desk: Desk,
  route: string,
  request: StudioRequest,
): Answer | Promise<Answer> {
  const { endpoints, events } = desk
  switch (route) {
    case 'GET /v3/webhooks/event-types':
      return dataOf(EVENT_TYPES)
    case 'GET /v3/webhooks/events':
      return events.list(request)
    case 'POST /v3/webhooks/endpoints':
      return onceOnly(desk, route, request, () => endpoints.add(request))
    case 'GET /v3/webhooks/endpoints':
      return endpoints.list()
    case 'PATCH /v3/webhooks/endpoints/{id}':
      return endpoints.change(request)
    case 'DELETE /v3/webhooks/endpoints/{id}':
      return endpoints.remove(request)
    case 'POST /v3/webhooks/endpoints/{id}/rotate-secret':
      return endpoints.rotate(request)
    default:
      throw notFound('route')
  }
}

async function onceOnly(
  { idempotency }: Desk,
  route: string,
  { headers }: StudioRequest,
  act: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const key = headers['idempotency-key']?.toString()
  const { answer } = await idempotency.once(key, route, async () => ({ answer: await act() }))
  return answer
}

function accountOf({ platform: { credits }, options }: Desk): object {
  const billing = options.billing ?? 'wallet'
  const account = { username: 'simulated', email: 'simulated@example.com', billing_type: billing }
  return {
    ...account,
    wallet: billing === 'wallet' ? { currency: 'usd', remaining_balance: credits } : null,
    subscription: billing === 'subscription' ? { plan: 'pro', credits } : null,
    usage_based: billing === 'usage_based' ? { remaining_credits: credits } : null,
  }
}
