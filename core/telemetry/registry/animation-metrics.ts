// Media jobs: uploads, and photos made to speak.
import { OPEN, ANIMATION_PROVIDERS } from './labels.ts'
import type { MetricDeclaration } from './metric-declaration.ts'

export const ANIMATION_METRICS = {
  media_uploads_total: {
    kind: 'counter',
    labels: {
      kind: ['photo', 'video', 'unknown'],
      result: ['taken', 'refused', 'broken-off', 'failed'],
    },
    help: 'Files sent to us (photo, video, unknown): taken, refused, broken-off, failed.',
  },
  animations_total: {
    kind: 'counter',
    labels: { provider: ANIMATION_PROVIDERS, result: ['done', 'failed', 'canceled'] },
    help: 'Photos made to speak that came to their end: done, failed, canceled.',
  },
  animation_submissions_total: {
    kind: 'counter',
    labels: {
      provider: ANIMATION_PROVIDERS,
      result: ['accepted', 'repeated', 'refused', 'failed', 'unknown'],
    },
    help: 'Requests to animate a photo, each of which may cost money: accepted, repeated, refused, failed, unknown.',
  },
  animations_active: {
    kind: 'gauge',
    labels: { provider: ANIMATION_PROVIDERS, state: OPEN },
    help: 'Photos being made to speak, by state.',
  },
  animation_seconds: {
    kind: 'histogram',
    labels: { provider: ANIMATION_PROVIDERS },
    help: 'From the request to the stored video.',
    buckets: [10, 30, 60, 120, 300, 600, 1200, 2700, 7200],
  },
  animation_polls_total: {
    kind: 'counter',
    labels: { provider: ANIMATION_PROVIDERS, cause: ['timer', 'webhook'] },
    help: 'Questions to a provider how far it is, by what made us ask: timer, webhook.',
  },
  animation_webhooks_total: {
    kind: 'counter',
    labels: { provider: ANIMATION_PROVIDERS, result: ['taken', 'known', 'unknown', 'refused'] },
    help: 'Messages of the providers: taken, known (told before), unknown (no such animation), refused (token, signature).',
  },
} as const satisfies Record<string, MetricDeclaration>
