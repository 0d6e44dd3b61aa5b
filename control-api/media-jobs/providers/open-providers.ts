// The providers that are set up: their clients, the webhooks they wake us by, and their routes.
import type { AnimationVendorConfig, MediaConfig } from '#core/config'
import type { Platform } from '../../features.ts'
import type { HttpServer } from '../../http-server.ts'
import { providerRoutes, type ProviderFacts } from '../../routes/media/provider-routes.ts'
import { providerWebhookRoutes } from '../../routes/media/provider-webhook-routes.ts'
import { ANIMATION_PROVIDERS, type AnimationProviderName } from '../animation/animation.ts'
import type { AnimationProvider } from './animation-provider.ts'
import { createDIdProvider } from './d-id/d-id-provider.ts'
import { createHeyGenEndpoints } from './heygen/heygen-endpoints.ts'
import { createHeyGenProvider } from './heygen/heygen-provider.ts'
import { createHeyGenRequests, type HeyGenRequests } from './heygen/heygen-requests.ts'
import { isSimulated } from './provider-address.ts'
import type { RequestTiming } from './requests/provider-requests.ts'
import { createDIdTokens } from './webhooks/d-id-tokens.ts'
import { createEndpointStore } from './webhooks/endpoint-store.ts'
import {
  createHeyGenRegistration,
  type HeyGenRegistration,
  type RegistrationOptions,
} from './webhooks/heygen-registration.ts'
import { createWebhookDesk, type Wake, type WebhookDesk } from './webhooks/webhook-desk.ts'

export type { Wake } from './webhooks/webhook-desk.ts'
export type { ToldJob } from './webhooks/told-job.ts'

export interface AnimationProviders {
  /** Those that are set up. */
  list(): readonly AnimationProvider[]
  find(name: AnimationProviderName): AnimationProvider | undefined
  /** Undefined: it is not set up. */
  configOf(name: AnimationProviderName): AnimationVendorConfig | undefined
  /** For a submission; undefined: it tells by an endpoint of its own, or nobody can reach us. */
  webhookUrl(name: AnimationProviderName, taskId: string): string | undefined
  /**
   * Once, before it listens: HeyGen is told where to send its webhooks when it does.
   * @param wake told that something may have changed; may be told twice, or of what is over
   */
  routes(app: HttpServer, wake: Wake, facts?: ProviderFacts): void
  close(): Promise<void>
}

export interface ProvidersOptions {
  readonly config: MediaConfig | undefined
  /** Where providers reach us; undefined: they do not. */
  readonly publicUrl: () => string | undefined
  /** Other than what is right outside tests. */
  readonly timing?: Partial<RequestTiming> | undefined
  readonly registrationRetry?: RegistrationOptions['retry']
}

type Deps = Pick<Platform, 'logger' | 'metrics' | 'clock' | 'database' | 'vault'>

const HEYGEN_PATH = '/webhooks/heygen'
const D_ID_PATH = '/webhooks/d-id'
const NO_FACTS: ProviderFacts = {
  canSpeakByElevenLabs: () => false,
  hasVideoTools: () => Promise.resolve(false),
  maxUploadBytes: 0,
}

export function openAnimationProviders(
  platform: Deps,
  options: ProvidersOptions,
): Promise<AnimationProviders> {
  return Promise.resolve(new OpenProviders(platform, options))
}

class OpenProviders implements AnimationProviders {
  readonly #deps: Deps
  readonly #options: ProvidersOptions
  readonly #providers = new Map<AnimationProviderName, AnimationProvider>()
  readonly #tokens: ReturnType<typeof createDIdTokens> | undefined
  readonly #registration: HeyGenRegistration | undefined
  #desk: WebhookDesk | undefined

  constructor(deps: Deps, options: ProvidersOptions) {
    this.#deps = deps
    this.#options = options
    const { config, timing } = options
    if (config?.dId) {
      this.#tokens = createDIdTokens(config.dId.apiKey)
      this.#providers.set('d-id', createDIdProvider(deps, { ...config.dId, timing }))
      const { webhookUrl } = config.dId
      if (webhookUrl !== undefined && !this.#isReachable('d-id', webhookUrl))
        deps.logger.warn(
          { vendor: 'd-id', instead: 'its jobs are asked about by the clock alone' },
          'DID_WEBHOOK_URL is not used: D-ID takes https alone',
        )
    }
    if (config?.heyGen) {
      const requests = createHeyGenRequests(deps, { ...config.heyGen, timing })
      this.#providers.set('heygen', createHeyGenProvider(requests))
      this.#registration = this.#registrationBy(requests, config.heyGen.webhookSecret)
    }
  }

  list(): readonly AnimationProvider[] {
    return [...this.#providers.values()]
  }

  find(name: AnimationProviderName): AnimationProvider | undefined {
    return this.#providers.get(name)
  }

  configOf(name: AnimationProviderName): AnimationVendorConfig | undefined {
    const { config } = this.#options
    return name === 'd-id' ? config?.dId : config?.heyGen
  }

  webhookUrl(name: AnimationProviderName, taskId: string): string | undefined {
    const own = this.#options.config?.dId?.webhookUrl?.replace(/\/+$/, '')
    const base = own ?? this.#ourAddress(D_ID_PATH)
    if (name !== 'd-id' || base === undefined || this.#tokens === undefined) return undefined
    return this.#isReachable(name, base) ? `${base}/${this.#tokens.of(taskId)}` : undefined
  }

  routes(app: HttpServer, wake: Wake, facts: ProviderFacts = NO_FACTS): void {
    const { config } = this.#options
    const desk = createWebhookDesk(this.#deps, {
      dIdTokens: this.#tokens,
      heyGenSecrets: () => this.#registration?.secrets() ?? [],
      wake,
    })
    this.#desk = desk
    providerWebhookRoutes(app, desk)
    const defaultProvider = config?.defaultProvider ?? ANIMATION_PROVIDERS[0]
    providerRoutes(app, { ...this.#deps, providers: this, defaultProvider, facts })
    app.addHook('onListen', (done) => {
      this.#registration?.begin()
      done()
    })
  }

  async close(): Promise<void> {
    await this.#registration?.close()
    await this.#desk?.close()
  }

  #registrationBy(requests: HeyGenRequests, secret: string | undefined): HeyGenRegistration {
    const { logger } = this.#deps
    return createHeyGenRegistration(
      { logger, store: createEndpointStore(this.#deps) },
      {
        endpoints: createHeyGenEndpoints(requests),
        configuredSecret: secret,
        url: () => {
          const url = this.#ourAddress(HEYGEN_PATH)
          return url !== undefined && this.#isReachable('heygen', url) ? url : undefined
        },
        retry: this.#options.registrationRetry,
      },
    )
  }

  #ourAddress(path: string): string | undefined {
    const base = this.#options.publicUrl()?.replace(/\/+$/, '')
    return base === undefined ? undefined : base + path
  }

  /** They take https alone; a simulator on this machine takes anything. */
  #isReachable(name: AnimationProviderName, url: string): boolean {
    const baseUrl = this.configOf(name)?.baseUrl
    return url.startsWith('https://') || (baseUrl !== undefined && isSimulated(baseUrl))
  }
}
