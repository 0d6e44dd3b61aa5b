// What follows from an event of a call, written with it in one transaction: what others are told, and the jobs it asks
// for. The recorder writes them of live calls, the next start of those that a crash cut off.
import type { Compilable } from 'kysely'
import type { CallId } from '#core/contracts'
import { feedOf } from '../feed/feed-of-calls.ts'
import type { Feed } from '../feed/feed.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import type { CallFact } from './call-fact.ts'

/** The jobs that a fact asks for. */
export type Consequence = (fact: CallFact, jobs: JobQueue) => readonly Compilable[]

export interface Consequences {
  /**
   * To be written at once, in this very turn (see `Feed.appended`).
   * @param seq of an event that may be written already: it is told only when it is not. To be written before it.
   */
  of(fact: CallFact, seq?: number | null): readonly Compilable[]
  /** After the write: those who wait for any of these look. */
  announce(written: readonly Compilable[]): void
}

export function createConsequences(
  { feed, jobs }: { readonly feed: Feed; readonly jobs: JobQueue },
  consequences: readonly Consequence[],
): Consequences {
  return {
    of: (fact, seq = null) => [
      ...feedOf(fact).map(({ type, at, data }) =>
        feed.appended(type, at, fact.row.call_id as CallId, data, seq),
      ),
      ...consequences.flatMap((one) => one(fact, jobs)),
    ],
    announce(written) {
      if (written.length === 0) return
      feed.announce()
      jobs.written(written)
    },
  }
}
