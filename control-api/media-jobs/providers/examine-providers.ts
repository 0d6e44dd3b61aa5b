// For the doctor: does each provider that is set up take its key, and what is left there to spend? Nothing is submitted.
import type { MediaConfig } from '#core/config'
import { createLogger, createMetrics } from '#core/telemetry'
import { createClock } from '#core/time'
import type { AnimationProviderName } from '../animation/animation.ts'
import {
  ProviderFailure,
  type AnimationProvider,
  type ProviderBalance,
  type ProviderFailureKind,
} from './animation-provider.ts'
import { createDIdProvider } from './d-id/d-id-provider.ts'
import { createHeyGenProvider } from './heygen/heygen-provider.ts'
import { createHeyGenRequests } from './heygen/heygen-requests.ts'

export type ExaminedProvider = { readonly provider: AnimationProviderName } & (
  | { readonly kind: 'ok'; readonly balance: ProviderBalance }
  /** In words, with what to do. */
  | { readonly kind: 'failed'; readonly why: ProviderFailureKind; readonly message: string }
)

const ANSWER_WITHIN_MS = 10_000

export const examineProviders = (media: MediaConfig): Promise<readonly ExaminedProvider[]> =>
  Promise.all(providersOf(media).map(examined))

function providersOf({ dId, heyGen }: MediaConfig): readonly AnimationProvider[] {
  const deps = { metrics: createMetrics(), clock: createClock(), logger: createLogger('silent') }
  return [
    ...(dId === undefined ? [] : [createDIdProvider(deps, dId)]),
    ...(heyGen === undefined ? [] : [createHeyGenProvider(createHeyGenRequests(deps, heyGen))]),
  ]
}

async function examined(asked: AnimationProvider): Promise<ExaminedProvider> {
  const { name: provider } = asked
  try {
    const balance = await asked.balance(AbortSignal.timeout(ANSWER_WITHIN_MS))
    return { provider, kind: 'ok', balance }
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    return { provider, kind: 'failed', why: error.kind, message: error.message }
  }
}
