// What is told of animations as they change: metrics, announcements, a line of the log; and whoever waits for the place that
// has become free.
import { inBackground } from '#core/telemetry'
import type { Platform } from '../../features.ts'
import {
  ACTIVE_STATES,
  ANIMATION_PROVIDERS,
  isOver,
  OVER_STATES,
  statusOf,
  type AnimationProviderName,
} from './animation.ts'
import type { AnimationAlarm } from './animation-jobs.ts'
import { errorOf, type AnimationRow } from './animation-row.ts'
import { holdsPlace, type ProviderPlaces } from './provider-places.ts'

export interface AnimationFigures {
  readonly onChange: (before: AnimationRow | undefined, after: AnimationRow) => void
}

type FiguresDeps = Pick<Platform, 'database' | 'metrics' | 'announcements' | 'logger'>

export function createAnimationFigures(
  deps: FiguresDeps,
  {
    places,
    alarm,
    maxJobsOf,
  }: {
    readonly places: ProviderPlaces
    readonly alarm: Pick<AnimationAlarm, 'wake'>
    readonly maxJobsOf: (provider: AnimationProviderName) => number
  },
): AnimationFigures {
  const { metrics, announcements, logger } = deps
  metrics.onScrape('animations', () => countActive(deps))
  const wakeNext = async (provider: AnimationProviderName): Promise<void> => {
    for (const next of await places.next(provider, maxJobsOf(provider)))
      await alarm.wake({ task_id: next, provider })
  }
  return {
    onChange(before, after) {
      announcements.announce('animation.changed', announced(after))
      if (before?.state === after.state) return
      // One that is freed is the oldest’s; and behind whoever took one, there may be another.
      const isFreed = before !== undefined && holdsPlace(before.state) && !holdsPlace(after.state)
      if (isFreed || after.state === 'submitting')
        inBackground(wakeNext(after.provider), logger, 'waking whoever waits for a place')
      if (isOver(after.state)) ended(deps, after)
    },
  }
}

const announced = (row: AnimationRow) => ({
  task_id: row.task_id,
  status: statusOf(row.state),
  state: row.state,
  provider: row.provider,
  media_id: row.media_id,
  memorial_id: row.memorial_id,
})

function ended({ metrics, logger }: FiguresDeps, row: AnimationRow): void {
  const { task_id: taskId, provider, state } = row
  if (isOver(state)) metrics.add('animations_total', 1, { provider, result: state })
  if (state === 'done')
    metrics.observe('animation_seconds', (row.updated_at - row.created_at) / 1000, { provider })
  const about = { task_id: taskId, provider, state, submissions: row.submissions }
  if (state === 'failed') logger.warn({ ...about, kind: errorOf(row)?.kind }, 'an animation failed')
  else logger.info(about, 'an animation is over')
}

async function countActive({ database, metrics }: FiguresDeps): Promise<void> {
  const rows = await database.query
    .selectFrom('animations')
    .select(['provider', 'state', ({ fn }) => fn.countAll<number | string>().as('count')])
    .where('state', 'not in', OVER_STATES)
    .groupBy(['provider', 'state'])
    .execute()
  const counts = new Map(rows.map((row) => [`${row.provider} ${row.state}`, Number(row.count)]))
  for (const provider of ANIMATION_PROVIDERS)
    for (const state of ACTIVE_STATES)
      metrics.set('animations_active', counts.get(`${provider} ${state}`) ?? 0, { provider, state })
}
