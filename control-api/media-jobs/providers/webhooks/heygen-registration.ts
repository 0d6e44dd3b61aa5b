// HeyGen is told where to send its webhooks, by ourselves: an endpoint of its own, whose secret is kept sealed. Where that
// does not succeed, jobs are asked about by the clock alone.
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf, messageOf } from '#core/errors'
import { inBackground, type Logger } from '#core/telemetry'
import { backOffAfter, type BackOff } from '#core/time'
import { ProviderFailure } from '../animation-provider.ts'
import { EVENTS, type HeyGenEndpoints, type ListedEndpoint } from '../heygen/heygen-endpoints.ts'
import type { EndpointStore } from './endpoint-store.ts'

export interface HeyGenRegistration {
  /** What messages may be signed with. */
  readonly secrets: () => readonly string[]
  /** Once our address is known; returns at once. */
  begin(): void
  close(): Promise<void>
}

export interface RegistrationOptions {
  readonly endpoints: HeyGenEndpoints
  /** Of an endpoint that somebody else registered: then nothing is. */
  readonly configuredSecret: string | undefined
  /** Of our webhook; undefined: it cannot be reached. */
  readonly url: () => string | undefined
  /** Other than RETRY, in tests. */
  readonly retry?: BackOff | undefined
}

interface Deps {
  readonly logger: Logger
  readonly store: EndpointStore
}

const RETRY: BackOff = { firstMs: 30_000, maxMs: 3_600_000 }
/** Some five hours. */
const MOST_TRIES = 12
const INSTEAD =
  'its jobs are asked about by the clock alone; or register PUBLIC_URL/webhooks/heygen there yourself and set HEYGEN_WEBHOOK_SECRET'

export function createHeyGenRegistration(
  deps: Deps,
  options: RegistrationOptions,
): HeyGenRegistration {
  const { logger, store } = deps
  const { configuredSecret, retry = RETRY } = options
  const closing = new AbortController()
  let secret = configuredSecret
  let running: Promise<void> | undefined

  /** What an earlier start registered is good before HeyGen is asked about it, and while it cannot be asked. */
  async function recall(url: string): Promise<void> {
    const kept = await store.find()
    if (kept?.url === url) secret = secretOf(store, kept.sealed)
  }

  async function attempt(url: string): Promise<void> {
    secret = await register(deps, { ...options, url, signal: closing.signal }, (made) => {
      secret = made
    })
  }

  async function run(url: string): Promise<void> {
    await recall(url)
    for (let tries = 1; tries <= MOST_TRIES && !closing.signal.aborted; tries += 1) {
      const isDone = await attempt(url).then(
        () => true,
        (error: unknown) => {
          if (tries === 1 && !closing.signal.aborted) warn(logger, error)
          return false
        },
      )
      if (isDone) return
      const waitMs = backOffAfter(tries, retry, Math.random)
      // Rejects when all is closed, which ends the loop.
      await sleep(waitMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
    }
  }

  return {
    secrets: () => (secret === undefined ? [] : [secret]),
    begin() {
      if (configuredSecret !== undefined || running !== undefined) return
      const url = options.url()
      if (url === undefined) return
      try {
        store.checkKey()
      } catch (error) {
        warn(logger, error)
        return
      }
      running = run(url)
      inBackground(running, logger, 'registering webhooks at HeyGen')
    },
    async close() {
      closing.abort()
      await running
    },
  }
}

/** @returns the secret; `onMade` is told it before it is kept, for messages may come by then */
async function register(
  { store, logger }: Deps,
  { endpoints, url, signal }: Pick<RegistrationOptions, 'endpoints'> & Target,
  onMade: (secret: string) => void,
): Promise<string> {
  const listed = await endpoints.list(signal)
  const kept = await store.find()
  const known = kept?.url === url ? secretOf(store, kept.sealed) : undefined
  const isOurs = (one: ListedEndpoint): boolean => one.endpointId === kept?.endpointId
  if (known !== undefined && listed.some((one) => isOurs(one) && isWhole(one, url))) return known
  // Nobody knows their secrets any more, or they lead to where we no longer are.
  for (const one of listed)
    if (one.url === url || isOurs(one)) await endpoints.remove(one.endpointId, signal)
  const { endpointId, secret } = await endpoints.create(url, signal)
  onMade(secret)
  await store.keep({ endpointId, url, secret })
  logger.info({ vendor: 'heygen' }, 'HeyGen was told where to send its webhooks')
  return secret
}

interface Target {
  readonly url: string
  readonly signal: AbortSignal
}

const isWhole = (endpoint: ListedEndpoint, url: string): boolean =>
  endpoint.url === url &&
  endpoint.isEnabled &&
  EVENTS.every((event) => endpoint.events.includes(event))

/** Undefined: none of our keys opens it any more. */
function secretOf(store: EndpointStore, sealed: string): string | undefined {
  try {
    return store.open(sealed)
  } catch {
    return undefined // Another one is made.
  }
}

function warn(logger: Logger, error: unknown): void {
  const isMissing = codeOf(error) === 'SECRETS_KEY_MISSING'
  const isTheirs = error instanceof ProviderFailure
  const reason = isMissing
    ? 'SECRETS_KEY is not set, so its secret could not be kept'
    : isTheirs || codeOf(error) !== undefined
      ? messageOf(error)
      : 'it failed'
  logger.warn({ vendor: 'heygen', reason, instead: INSTEAD }, 'HeyGen sends no webhooks')
}
