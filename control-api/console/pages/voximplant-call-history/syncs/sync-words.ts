// What is said of a synchronisation.
import type { Sync } from '../../../components/voximplant/shapes.ts'
import { number } from '../../../words/amounts.ts'
import { locale } from '../../../words/language.ts'
import { useHistory } from '../words.ts'

export interface SyncWords {
  /** What it does, and of when. */
  readonly about: (sync: Sync) => string
  /** What came of it, so far. */
  readonly result: (sync: Sync) => string
}

export function useSyncWords(): SyncWords {
  const say = useHistory()
  return {
    about({ kind, from_date: from, to_date: to }) {
      if (kind === 'pending') return say('of_pending')
      if (from === null || to === null) return say('of_history')
      // The end does not belong to it.
      const [first, last] = [dayOf(Date.parse(from)), dayOf(Date.parse(to) - 1)]
      return say('of_days', { days: first === last ? first : `${first} – ${last}` })
    },
    result(sync) {
      const failed = sync.failed > 0 ? ` ${say('some_failed', { count: sync.failed })}` : ''
      if (sync.kind === 'history')
        return (
          say('history_result', {
            calls: number(sync.count),
            fresh: number(sync.new_calls),
            updated: number(sync.updated_calls),
          }) + failed
        )
      return (
        say('pending_result', {
          calls: number(sync.total_processed),
          transcripts: number(sync.transcripts_synced),
          audios: number(sync.audios_synced),
        }) + failed
      )
    },
  }
}

const dayOf = (at: number): string =>
  new Date(at).toLocaleDateString(locale(), { dateStyle: 'medium' })
