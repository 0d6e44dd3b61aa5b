// What was kept for years may be gone by tomorrow: said behind an import of old calls.
import type { Config } from '#core/config'

const DAY_MS = 24 * 3600_000

/** @param oldestAt when the oldest of them ended; null of none. @returns undefined when there is nothing to say */
export function retentionWarning(
  oldestAt: number | null,
  { audio, transcripts, events }: Config['retentionDays'],
): string | undefined {
  const days = Math.max(audio, transcripts, events)
  if (oldestAt === null || oldestAt > Date.now() - days * DAY_MS) return undefined
  return (
    `Some of these calls ended more than ${days} days ago: the next start deletes their numbers and entries, as ` +
    'RETENTION_DAYS says. Raise it before you start, if they are to stay.'
  )
}
