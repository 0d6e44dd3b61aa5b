// A page of GetCallHistory: sessions with their legs, records and whatever else they cost.
import type { HistoryLeg, HistoryPage, HistoryRecord, HistorySession } from './vendor-answer.ts'
import {
  isPlausibleTime,
  plausibleCost,
  plausibleNumber,
  plausibleSeconds,
} from './plausible-values.ts'
import { createReadDate, type ReadDate } from './vendor-dates.ts'
import {
  flagIn,
  idIn,
  isFields,
  numberIn,
  rowsIn,
  textIn,
  type Fields,
} from '../../vendor-answers/answer-fields.ts'

/** Undefined: its times are in a zone that nobody knows, or it is no page. */
export function decodeHistory(answer: Fields, now: number): HistoryPage | undefined {
  const readAny = createReadDate(textIn(answer, 'timezone'))
  const { result } = answer
  if (readAny === undefined || !Array.isArray(result)) return undefined
  const readDate: ReadDate = (text) => {
    const at = readAny(text)
    return at !== undefined && isPlausibleTime(at, now) ? at : undefined
  }
  const sessions = result.flatMap((row: unknown) =>
    isFields(row) ? (decodeSession(row, readDate) ?? []) : [],
  )
  const total = numberIn(answer, 'total_count')
  return {
    sessions,
    unreadable: result.length - sessions.length,
    total: total === null || total < 0 ? null : total,
  }
}

function decodeSession(row: Fields, readDate: ReadDate): HistorySession | undefined {
  const sessionId = idIn(row, 'call_session_history_id')
  const startedAt = readDate(row['start_date'])
  if (sessionId === null || startedAt === undefined) return undefined
  const legs = rowsIn(row['calls'])
  const records = rowsIn(row['records'])
  const others = rowsIn(row['other_resource_usage'])
  return {
    sessionId,
    applicationId: idIn(row, 'application_id'),
    ruleName: textIn(row, 'rule_name'),
    startedAt,
    durationSeconds: secondsIn(row),
    finishReason: textIn(row, 'finish_reason'),
    customData: textIn(row, 'custom_data'),
    legs: legs.map((each) => decodeLeg(each, startedAt, readDate)),
    records: records.flatMap((each) => decodeRecord(each, readDate) ?? []),
    cost: plausibleCost(
      [...legs, ...records, ...others].reduce((sum, one) => sum + costIn(one), 0),
    ),
  }
}

const decodeLeg = (row: Fields, sessionStart: number, readDate: ReadDate): HistoryLeg => ({
  startedAt: readDate(row['start_time']) ?? sessionStart,
  durationSeconds: secondsIn(row),
  localNumber: plausibleNumber(textIn(row, 'local_number')),
  remoteNumber: plausibleNumber(textIn(row, 'remote_number')),
  isIncoming: flagIn(row, 'incoming') ?? false,
  isSuccessful: flagIn(row, 'successful') ?? false,
  endReason: textIn(row, 'end_reason'),
  cost: costIn(row),
})

function decodeRecord(row: Fields, readDate: ReadDate): HistoryRecord | undefined {
  const recordId = idIn(row, 'record_id')
  if (recordId === null) return undefined
  return {
    recordId,
    startedAt: readDate(row['start_time']) ?? null,
    durationSeconds: secondsIn(row),
    url: textIn(row, 'record_url'),
    cost: costIn(row),
  }
}

const secondsIn = (row: Fields): number | null => plausibleSeconds(numberIn(row, 'duration'))

const costIn = (row: Fields): number => plausibleCost(numberIn(row, 'cost') ?? 0)
