// /api/v1/ai/providers: who makes photos speak here, and what is left to spend there.
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import {
  ANIMATION_PROVIDERS,
  type AnimationProviderName,
} from '../../media-jobs/animation/animation.ts'
import { ProviderFailure } from '../../media-jobs/providers/animation-provider.ts'
import { isSimulated } from '../../media-jobs/providers/provider-address.ts'
import type { AnimationProviders } from '../../media-jobs/providers/open-providers.ts'
import { createVendorLooks } from '../../vendor-answers/vendor-looks.ts'
import { problem } from '../problem.ts'

/** What else a request for an animation depends on. */
export interface ProviderFacts {
  readonly canSpeakByElevenLabs: () => boolean
  readonly hasVideoTools: () => Promise<boolean>
  readonly maxUploadBytes: number
}

export interface ProviderRoutesDeps {
  readonly database: Pick<Database, 'query'>
  readonly providers: Pick<AnimationProviders, 'find' | 'configOf'>
  readonly defaultProvider: AnimationProviderName
  readonly facts: ProviderFacts
}

const strict = { additionalProperties: false }
const tags = ['media']
const failures = { '4xx': problem, 501: problem, 502: problem, 503: problem }
const name = Type.Enum([...ANIMATION_PROVIDERS])
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

const providerSchema = Type.Object(
  {
    provider: name,
    is_configured: Type.Boolean(),
    is_default: Type.Boolean({ description: 'Asked where a request names none' }),
    is_simulated: Type.Boolean({ description: 'Nothing is spent, and every video is the same' }),
    max_jobs: orNull(Type.Integer({ description: 'It renders for us at a time' })),
    active_jobs: Type.Integer(),
    default_voice_id: orNull(Type.String({ description: 'null: a request must name one' })),
    limits: orNull(
      Type.Object({ min_prompt_chars: Type.Integer(), max_prompt_chars: Type.Integer() }, strict),
    ),
  },
  strict,
)

const listSchema = {
  operationId: 'listAnimationProviders',
  tags,
  summary: 'Who makes photos speak here',
  response: {
    200: Type.Object(
      {
        items: Type.Array(providerSchema),
        can_speak_by_elevenlabs: Type.Boolean(),
        video_tools: Type.Boolean({ description: 'ffmpeg is installed' }),
        max_upload_bytes: Type.Integer({ description: 'Of one file' }),
      },
      strict,
    ),
    ...failures,
  },
}

const balanceSchema = {
  operationId: 'getAnimationProviderBalance',
  tags,
  summary: 'What is left to spend at a provider, asked there: also a test of the key',
  params: Type.Object({ provider: name }),
  response: {
    200: Type.Object(
      {
        remaining: orNull(Type.Number({ description: 'null: it does not say' })),
        unit: Type.String({ description: 'credits, or a currency (ISO 4217)' }),
      },
      strict,
    ),
    ...failures,
  },
}

const BALANCE_WITHIN_MS = 15_000

export function providerRoutes(app: HttpServer, deps: ProviderRoutesDeps): void {
  app.get('/api/v1/ai/providers', { schema: listSchema }, async () => {
    const active = await activeJobs(deps.database)
    return {
      items: ANIMATION_PROVIDERS.map((one) => viewProvider(one, active.get(one) ?? 0, deps)),
      can_speak_by_elevenlabs: deps.facts.canSpeakByElevenLabs(),
      video_tools: await deps.facts.hasVideoTools(),
      max_upload_bytes: deps.facts.maxUploadBytes,
    }
  })
  const options = {
    schema: balanceSchema,
    exposeHeadRoute: false,
    config: { access: 'operator' },
  } as const
  const look = createVendorLooks('A provider')
  app.get('/api/v1/ai/providers/:provider/balance', options, async (request) => {
    const { provider: asked } = request.params
    const provider = deps.providers.find(asked)
    if (provider === undefined) throw notConfigured(asked)
    await look()
    return provider.balance(AbortSignal.timeout(BALANCE_WITHIN_MS)).catch((error: unknown) => {
      throw error instanceof ProviderFailure ? shown(error) : error
    })
  })
}

function viewProvider(
  one: AnimationProviderName,
  active_jobs: number,
  { providers, defaultProvider }: ProviderRoutesDeps,
) {
  const [provider, config] = [providers.find(one), providers.configOf(one)]
  return {
    provider: one,
    is_configured: provider !== undefined,
    is_default: provider !== undefined && one === defaultProvider,
    is_simulated: config !== undefined && isSimulated(config.baseUrl),
    max_jobs: config?.maxJobs ?? null,
    active_jobs,
    default_voice_id: config?.voiceId ?? null,
    limits: provider
      ? {
          min_prompt_chars: provider.limits.minPromptChars,
          max_prompt_chars: provider.limits.maxPromptChars,
        }
      : null,
  }
}

/** Those that have a place there. */
async function activeJobs({
  query,
}: Pick<Database, 'query'>): Promise<ReadonlyMap<AnimationProviderName, number>> {
  const rows = await query
    .selectFrom('animations')
    .select((eb) => ['provider', eb.fn.countAll().as('jobs')])
    .where('state', 'in', ['submitting', 'processing'])
    .groupBy('provider')
    .execute()
  return new Map(rows.map(({ provider, jobs }) => [provider, Number(jobs)]))
}

const KEYS = { 'd-id': 'DID_API_KEY', heygen: 'HEYGEN_API_KEY' } as const

const notConfigured = (provider: AnimationProviderName): AppError =>
  new AppError('PROVIDER_NOT_CONFIGURED', `${KEYS[provider]} is not set.`, {
    details: { provider },
  })

function shown({ isPassing, message, retryAfterMs }: ProviderFailure): AppError {
  if (!isPassing) return new AppError('PROVIDER_REFUSED', message)
  const seconds = retryAfterMs === undefined ? {} : { retryAfterSeconds: secondsOf(retryAfterMs) }
  return new AppError('VENDOR_FAILED', message, seconds)
}

const secondsOf = (ms: number): number => Math.ceil(ms / 1000)
