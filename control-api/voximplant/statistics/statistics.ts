// Statistics of calls of Voximplant by day and by application, read in small steps (calls/statistics/statistics.ts says why).
import { CountingTurns } from '../../calls/statistics/counting-turns.ts'
import { wantedPosition } from '../../calls/call-position.ts'
import { cutDays, type Range, type Span } from '../../calls/statistics/spans.ts'
import type { TimeZone } from '../../calls/statistics/time-zone.ts'
import type { Database } from '../../db/database.ts'
import type { ApplicationRow, ApplicationStore } from '../applications/application-store.ts'
import { Counts } from './counts.ts'
import { selectApplicationIds, selectCounts, selectStretch } from './statistics-query.ts'

export interface StatisticsRequest {
  readonly range: Range
  readonly zone: TimeZone
  readonly applicationId?: string | undefined
  /** Of ours: all its applications. */
  readonly accountId?: string | undefined
}

export interface DayOfCalls {
  readonly span: Span
  readonly counts: Counts
}

export interface CallsOfApplication {
  readonly applicationId: string
  /** Null: it was removed. */
  readonly applicationName: string | null
  readonly counts: Counts
}

export interface VoximplantStatistics {
  /** Every day of the range in order. */
  readonly days: readonly DayOfCalls[]
  /** Those that had calls, and those that are there; the oldest first. */
  readonly applications: readonly CallsOfApplication[]
  readonly totals: Counts
}

export interface VoximplantStatisticsDesk {
  /** @throws AppError `TOO_MANY_REQUESTS` */
  count(request: StatisticsRequest): Promise<VoximplantStatistics>
}

export interface StatisticsDeps {
  readonly database: Pick<Database, 'query'>
  readonly applications: Pick<ApplicationStore, 'list'>
}

const MOST_APPLICATIONS = 1000

export function createVoximplantStatistics(deps: StatisticsDeps): VoximplantStatisticsDesk {
  const turns = new CountingTurns()
  return { count: (request) => turns.take(() => count(deps, request)) }
}

async function count(
  deps: StatisticsDeps,
  request: StatisticsRequest,
): Promise<VoximplantStatistics> {
  const days = cutDays(request.range, request.zone).map((span) => ({ span, counts: new Counts() }))
  const applications: CallsOfApplication[] = []
  for (const named of await askedApplications(deps, request)) {
    const counts = new Counts()
    await countApplication(deps.database.query, named.applicationId, { days, counts })
    applications.push({ ...named, counts })
  }
  const totals = new Counts()
  for (const { counts } of applications) totals.addCounts(counts)
  return { days, applications, totals }
}

type Named = Omit<CallsOfApplication, 'counts'>

async function askedApplications(
  { database, applications }: StatisticsDeps,
  { applicationId, accountId }: StatisticsRequest,
): Promise<readonly Named[]> {
  const rows = await applications.list(accountId)
  const named = rows.map(nameOf)
  const known = new Set(named.map((one) => one.applicationId))
  // Those that were removed belong to no account any more.
  const ids = accountId === undefined ? await removedIds(database, known, applicationId) : []
  const all = [...named, ...ids.map((id) => ({ applicationId: id, applicationName: null }))]
  return applicationId === undefined
    ? all
    : all.filter((one) => one.applicationId === applicationId)
}

const nameOf = (row: ApplicationRow): Named => ({
  applicationId: row.application_id,
  applicationName: row.application_name,
})

async function removedIds(
  { query }: Pick<Database, 'query'>,
  known: ReadonlySet<string>,
  asked: string | undefined,
): Promise<readonly string[]> {
  const ids = asked === undefined ? await selectApplicationIds(query, MOST_APPLICATIONS) : [asked]
  return ids.filter((id) => !known.has(id))
}

interface Counting {
  readonly days: readonly DayOfCalls[]
  readonly counts: Counts
}

/** Days without calls are passed over. */
async function countApplication(
  query: Database['query'],
  applicationId: string,
  { days, counts }: Counting,
): Promise<void> {
  const ends = days.map(({ span }) => wantedPosition(span.before))
  const end = ends.at(-1) ?? 0
  let at = wantedPosition(days[0]?.span.from ?? 0)
  while (at < end) {
    const stretch = await selectStretch(query, applicationId, { from: at, before: end })
    if (stretch === undefined) return
    at = stretch.from
    while (at < stretch.before) {
      const day = dayAt(ends, at)
      const before = Math.min(stretch.before, ends[day] ?? end)
      for (const row of await selectCounts(query, applicationId, { from: at, before })) {
        days[day]?.counts.add(row)
        counts.add(row)
      }
      at = before
    }
  }
}

/** The first that ends behind a position. */
const dayAt = (ends: readonly number[], position: number): number =>
  ends.findIndex((end) => position < end)
