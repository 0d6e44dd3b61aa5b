// Where an animation is killed, and what makes it stay there long enough to be met.
import type { AnimationProviderName } from '../../control-api/media-jobs/animation/animation.ts'
import type { AnimationRow } from '../../control-api/media-jobs/animation/animation-row.ts'

export interface KillPoint {
  readonly name: string
  /** What the provider does wrong or slowly, in the words of its simulator. */
  readonly faults: string
  /** Its photo is behind a slow link. */
  readonly isLinked?: boolean
  /** Uploads are slow. */
  readonly isSlowUpload?: boolean
  readonly isMet: (row: AnimationRow) => boolean
  /** It is killed at some moment of so long, and not before that. */
  readonly spreadMs: number
  readonly leastMs?: number
  /** Over in a moment: the process is stopped and let go on again and again, until it is met standing still. */
  readonly isFleeting?: boolean
}

export const POINTS: readonly KillPoint[] = [
  {
    name: 'queued',
    faults: '',
    isLinked: true,
    isMet: ({ state }) => state === 'queued',
    spreadMs: 200,
  },
  {
    name: 'submitting (uploads)',
    faults: '',
    isSlowUpload: true,
    isMet: ({ state, source_ref: ref }) => state === 'submitting' && ref === null,
    spreadMs: 200,
  },
  {
    name: 'submitting (taken, no answer yet)',
    faults: '[fault:slow-answer:1500]',
    isMet: ({ submitting_since: since }) => since !== null,
    spreadMs: 600,
  },
  {
    name: 'submitting (not taken)',
    faults: '[fault:hangs]',
    isMet: ({ submitting_since: since }) => since !== null,
    // The request is there by then: the next one is not to meet what it met.
    leastMs: 400,
    spreadMs: 200,
  },
  {
    name: 'processing',
    faults: '[fault:late:900]',
    isMet: ({ state }) => state === 'processing',
    spreadMs: 500,
  },
  {
    name: 'downloading',
    faults: '[fault:stalled]',
    isMet: ({ state }) => state === 'downloading',
    spreadMs: 200,
  },
  {
    name: 'validating',
    faults: '',
    isMet: ({ state }) => state === 'validating',
    spreadMs: 80,
  },
  {
    name: 'storing',
    faults: '',
    isFleeting: true,
    isMet: ({ state }) => state === 'storing',
    spreadMs: 0,
  },
]

export interface KillCase {
  readonly point: KillPoint
  readonly provider: AnimationProviderName
}

export const CASES: readonly KillCase[] = POINTS.flatMap((point) => [
  { point, provider: 'd-id' },
  { point, provider: 'heygen' },
])

export const nameOf = ({ point, provider }: KillCase): string => `${provider}, ${point.name}`
