// A session as GetCallHistory writes it: dates in the zone that was asked for, parts only as asked for.
import type { HistoryQuery } from './history-query.ts'
import type {
  HistoryCall,
  HistoryRecord,
  HistoryResource,
  HistorySession,
} from './history-session.ts'
import { parseUtcDate, type Zone } from './vendor-dates.ts'

export interface ViewOptions {
  readonly accountId: number
  readonly query: HistoryQuery
  /** Where the recording is served; nothing once it was deleted. */
  readonly recordUrl: (recordId: number) => string | undefined
}

/** What is undefined is left out by JSON. */
export function historyView(session: HistorySession, options: ViewOptions): object {
  const { query, accountId } = options
  const { zone, shows } = query
  const { calls, records, other_resource_usage, ...rest } = session
  return {
    account_id: accountId,
    user_id: 0,
    audio_quality: 'Standard',
    ...rest,
    start_date: inZone(session.start_date, zone),
    ...(shows.calls ? { calls: calls?.map((each) => callView(each, zone)) } : {}),
    ...(shows.records ? { records: records?.map((each) => recordView(each, options)) } : {}),
    ...(shows.resources
      ? { other_resource_usage: other_resource_usage?.map((each) => resourceView(each, zone)) }
      : {}),
  }
}

const inZone = (utc: string, zone: Zone): string => zone.write(parseUtcDate(utc))

const callView = (call: HistoryCall, zone: Zone): object => ({
  remote_number_type: 'pstn',
  transaction_id: call.call_id,
  media_server_address: '127.0.0.1',
  ...call,
  start_time: inZone(call.start_time, zone),
})

const recordView = (record: HistoryRecord, { query, recordUrl }: ViewOptions): object => ({
  transaction_id: record.record_id,
  transcription_status: 'Not required',
  ...record,
  start_time: inZone(record.start_time, query.zone),
  record_url: record.record_url === undefined ? recordUrl(record.record_id) : record.record_url,
})

const resourceView = (resource: HistoryResource, zone: Zone): object => ({
  transaction_id: resource.resource_usage_id,
  ...resource,
  used_at: inZone(resource.used_at, zone),
})
