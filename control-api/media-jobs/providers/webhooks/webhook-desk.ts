// Messages of providers: who may tell, what was told before, and whom it wakes. They are believed in nothing but that it is
// time to ask the provider.
import { AppError } from '#core/errors'
import { inBackground, type LabelsOf, type Logger, type Metrics } from '#core/telemetry'
import { wallClock, type Clock } from '#core/time'
import type { Database } from '../../../db/database.ts'
import type { AnimationProviderName } from '../../animation/animation.ts'
import type { DIdTokens } from './d-id-tokens.ts'
import {
  bodyId,
  idsOf,
  isSignedByHeyGen,
  toldByHeyGen,
  type HeyGenMessage,
} from './heygen-message.ts'
import { createMessageBook } from './message-book.ts'
import { isThere, type ToldJob } from './told-job.ts'

export type Wake = (told: ToldJob) => Promise<void>

export interface WebhookDesk {
  /** Undefined: the token is none of ours. */
  dIdTask(token: string): string | undefined
  /** @returns wakes the job, when the answer is on its way */
  takeDId(taskId: string, body: Buffer): Promise<() => void>
  /** The same. @throws AppError `SIGNATURE_INVALID` */
  takeHeyGen(message: HeyGenMessage): Promise<() => void>
  /** Waits for those that are being woken. */
  close(): Promise<void>
}

export interface WebhookDeskDeps {
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'add'>
  readonly clock: Pick<Clock, 'now'>
  readonly database: Pick<Database, 'query' | 'write'>
}

export interface WebhookDeskOptions {
  /** Undefined: D-ID is not set up. */
  readonly dIdTokens: DIdTokens | undefined
  readonly heyGenSecrets: () => readonly string[]
  readonly wake: Wake
}

/** Each is two small writes. */
const MOST_WAKING = 100
const RETRY_AFTER_SECONDS = 5

export function createWebhookDesk(deps: WebhookDeskDeps, options: WebhookDeskOptions): WebhookDesk {
  const { metrics, clock, database, logger } = deps
  const book = createMessageBook(database, clock)
  const waking = new Set<Promise<void>>()
  const count = (
    provider: AnimationProviderName,
    result: LabelsOf<'animation_webhooks_total'>['result'],
  ): void => metrics.add('animation_webhooks_total', 1, { provider, result })

  function refuse(provider: AnimationProviderName): void {
    count(provider, 'refused')
    metrics.add('http_refused_total', 1, { reason: 'signature' })
  }

  function wake(told: ToldJob): void {
    const woken = options.wake(told)
    waking.add(woken)
    inBackground(
      woken.finally(() => waking.delete(woken)),
      logger,
      'waking an animation',
    )
  }

  async function take(told: ToldJob, ids: readonly string[]): Promise<() => void> {
    if (waking.size >= MOST_WAKING)
      throw new AppError('TOO_MANY_REQUESTS', 'Too many webhooks at once.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      })
    const isKnownJob = await isThere(database, told)
    const result = isKnownJob ? await book.take(told.provider, ids) : 'unknown'
    count(told.provider, result === 'new' ? 'taken' : result)
    return result === 'new' ? () => wake(told) : () => undefined
  }

  return {
    dIdTask(token) {
      const taskId = options.dIdTokens?.taskOf(token)
      if (taskId === undefined) refuse('d-id')
      return taskId
    },
    takeDId: (taskId, body) => take({ provider: 'd-id', taskId }, [bodyId(taskId, '|', body)]),
    async takeHeyGen(message) {
      if (!isSignedByHeyGen(message, options.heyGenSecrets(), wallClock.now())) {
        refuse('heygen')
        throw new AppError('SIGNATURE_INVALID', 'It is not signed by HeyGen, or too old.')
      }
      const told = toldByHeyGen(message.body)
      if (told) return take(told, idsOf(message))
      count('heygen', 'unknown')
      return () => undefined
    },
    async close() {
      await Promise.allSettled(waking)
    },
  }
}
