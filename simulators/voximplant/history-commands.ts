// GetCallHistory and DeleteRecord: what is left of finished sessions.
import type { Account } from './account.ts'
import { byNothing, type CallHistory, type HistoryEntry } from './call-history.ts'
import { DONE, type Commands } from './commands.ts'
import { readHistoryQuery, type HistoryQuery } from './history-query.ts'
import { historyView } from './history-view.ts'
import type { RecordFiles } from './record-files.ts'
import type { RequestValues } from './request-values.ts'
import type { Zones } from './vendor-dates.ts'
import { Refusal, missingParameter } from './vendor-errors.ts'

export type HistoryOrder = 'asc' | 'desc' | 'unsorted'

export interface HistoryDeps {
  readonly account: Account
  readonly accountId: number
  readonly history: CallHistory
  readonly files: RecordFiles
  readonly zones: Zones
  readonly mostDays: number | undefined
  /** When the request says nothing of it. */
  readonly order: HistoryOrder
  readonly echoTimezone: boolean
  /** A page was made, and will be sent. */
  readonly onPage: (offset: number, count: number) => void
}

export const historyCommands = (deps: HistoryDeps): Commands => ({
  GetCallHistory: (values) => getCallHistory(deps, values),
  DeleteRecord: (values) => deleteRecord(deps, values),
})

function getCallHistory(deps: HistoryDeps, values: RequestValues): object {
  const { account, accountId, history, files, zones, mostDays } = deps
  const now = account.now()
  const query = readHistoryQuery(values, { account, zones, now, mostDays })
  history.settle(now)
  const { total, entries } = pageOfHistory(deps, query)
  const recordUrl = (id: number): string | undefined => files.shownUrlOf(id)
  const result = entries.map(({ session }) => historyView(session, { accountId, query, recordUrl }))
  deps.onPage(query.page.offset, result.length)
  return {
    result,
    count: result.length,
    ...(query.withTotal ? { total_count: total } : {}),
    ...(deps.echoTimezone ? { timezone: query.zone.name } : {}),
  }
}

interface FoundPage {
  readonly total: number
  readonly entries: readonly HistoryEntry[]
}

function pageOfHistory({ history, order }: HistoryDeps, query: HistoryQuery): FoundPage {
  const { from, to, ids, tests, page } = query
  const asked = query.isDescending
  const sorted = asked === undefined ? order : asked ? 'desc' : 'asc'
  const { first, end } = history.range(from, to)
  // The usual case: a range and no filters costs what its page costs.
  if (ids === undefined && tests.length === 0 && sorted !== 'unsorted')
    return slicedPage(history, { first, end }, query, sorted)
  const inRange = ({ startedAt }: HistoryEntry): boolean => startedAt >= from && startedAt <= to
  const all = ids === undefined ? history.slice(first, end) : history.ofIds(ids).filter(inRange)
  const found = all.filter(({ session }) => tests.every((test) => test(session)))
  if (sorted === 'desc') found.reverse()
  if (sorted === 'unsorted') found.sort(byNothing)
  return { total: found.length, entries: found.slice(page.offset, page.offset + page.count) }
}

function slicedPage(
  history: CallHistory,
  { first, end }: { readonly first: number; readonly end: number },
  { page: { offset, count } }: HistoryQuery,
  order: 'asc' | 'desc',
): FoundPage {
  const total = end - first
  if (order === 'asc')
    return {
      total,
      entries: history.slice(Math.min(end, first + offset), Math.min(end, first + offset + count)),
    }
  const last = Math.max(first, end - offset)
  return { total, entries: history.slice(Math.max(first, last - count), last).reverse() }
}

function deleteRecord({ files }: HistoryDeps, values: RequestValues): object {
  const url = values.text('record_url')
  const id = values.integer('record_id', 261) ?? (url === undefined ? undefined : files.idOf(url))
  if (id === undefined) throw url === undefined ? missingParameter('record_id') : new Refusal(341)
  const outcome = files.delete(id)
  if (outcome === 'unknown') throw new Refusal(261)
  if (outcome === 'gone') throw new Refusal(341)
  return DONE
}
