// Calls, recordings and pages of them as the API of 2010 shows them: numbers as text, dates by RFC 2822
// (twilio.com/docs/voice/api/call-resource).
import type { LiveCall } from './live-call.ts'
import { secondsOf } from './recordings.ts'
import type { RecordingRecord } from './records.ts'
import { rfc2822 } from './rfc2822.ts'

export interface ViewDeps {
  readonly accountSid: string
  readonly now: number
  readonly priceAfterMs: number
}

const PRICE_PER_MINUTE = 0.0085

export const accountPath = (accountSid: string): string => `/2010-04-01/Accounts/${accountSid}`

export function callView(call: LiveCall, { accountSid, now, priceAfterMs }: ViewDeps): unknown {
  const base = `${accountPath(accountSid)}/Calls/${call.sid}`
  const isPriced = call.endedAt !== null && now - call.endedAt >= priceAfterMs
  const minutes = Math.ceil(call.durationSeconds / 60)
  return {
    sid: call.sid,
    account_sid: accountSid,
    parent_call_sid: call.parentSid,
    to: call.to,
    to_formatted: call.to,
    from: call.from,
    from_formatted: call.from,
    phone_number_sid: null,
    // `initiated` is a word of status callbacks alone.
    status: call.status === 'initiated' ? 'queued' : call.status,
    start_time: dateOrNull(call.startedAt ?? (call.endedAt === null ? null : call.createdAt)),
    end_time: dateOrNull(call.endedAt),
    duration: call.endedAt === null ? null : String(call.durationSeconds),
    price: isPriced ? String(-(minutes * PRICE_PER_MINUTE)) : null,
    price_unit: 'USD',
    direction: call.direction,
    answered_by: call.answeredBy,
    annotation: null,
    forwarded_from: null,
    caller_name: null,
    group_sid: null,
    queue_time: String(Math.round(call.queueMs)),
    trunk_sid: null,
    api_version: '2010-04-01',
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(call.updatedAt),
    uri: `${base}.json`,
    subresource_uris: { recordings: `${base}/Recordings.json`, streams: `${base}/Streams.json` },
  }
}

export function recordingView(
  recording: RecordingRecord,
  { accountSid, now, priceAfterMs }: ViewDeps,
): unknown {
  const base = `${accountPath(accountSid)}/Recordings/${recording.sid}`
  const { endedAt } = recording
  return {
    sid: recording.sid,
    account_sid: accountSid,
    call_sid: recording.callSid,
    conference_sid: null,
    status: recording.status,
    channels: recording.channels,
    source: recording.source,
    track: recording.track,
    duration: endedAt === null ? null : String(secondsOf(recording, now)),
    start_time: rfc2822(recording.startedAt),
    date_created: rfc2822(recording.startedAt),
    date_updated: rfc2822(endedAt ?? recording.startedAt),
    price: endedAt !== null && now - endedAt >= priceAfterMs ? '-0.0025' : null,
    price_unit: 'USD',
    error_code: recording.status === 'absent' ? 0 : null,
    encryption_details: null,
    api_version: '2010-04-01',
    media_url: base,
    uri: `${base}.json`,
  }
}

const dateOrNull = (at: number | null): string | null => (at === null ? null : rfc2822(at))

/** Page and PageSize, as `Calls.json?PageSize=50&Page=0`. */
export function pageView<T>(
  name: string,
  all: readonly T[],
  view: (item: T) => unknown,
  { pathname, searchParams }: URL,
): unknown {
  const size = Math.min(1000, Math.max(1, Number(searchParams.get('PageSize') ?? 50) || 50))
  const page = Math.max(0, Number(searchParams.get('Page') ?? 0) || 0)
  const start = page * size
  const items = all.slice(start, start + size)
  const uriOf = (which: number): string => {
    const query = new URLSearchParams(searchParams)
    query.set('PageSize', String(size))
    query.set('Page', String(which))
    return `${pathname}?${query.toString()}`
  }
  return {
    [name]: items.map(view),
    page,
    page_size: size,
    start,
    end: Math.max(start, start + items.length - 1),
    uri: uriOf(page),
    first_page_uri: uriOf(0),
    previous_page_uri: page > 0 ? uriOf(page - 1) : null,
    next_page_uri: start + size < all.length ? uriOf(page + 1) : null,
  }
}
