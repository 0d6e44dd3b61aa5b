// What GetCallHistory was asked for: the range of starts, which sessions, which page, what is shown of each.
import type { Account } from './account.ts'
import { type Page, type RequestValues } from './request-values.ts'
import type { Zone, Zones } from './vendor-dates.ts'
import { Refusal, invalidParameter } from './vendor-errors.ts'
import type { HistoryCall, HistorySession } from './history-session.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
const MOST_IDS = 1000

export interface HistoryQuery {
  readonly zone: Zone
  readonly from: number
  readonly to: number
  readonly ids: readonly number[] | undefined
  /** None: everything in the range is asked for. */
  readonly tests: readonly SessionTest[]
  readonly page: Page
  readonly isDescending: boolean | undefined
  readonly withTotal: boolean
  readonly shows: {
    readonly calls: boolean
    readonly records: boolean
    readonly resources: boolean
  }
}

type SessionTest = (session: HistorySession) => boolean

export interface QueryDeps {
  readonly account: Account
  readonly zones: Zones
  readonly now: number
  readonly mostDays: number | undefined
}

/** @throws Refusal */
export function readHistoryQuery(values: RequestValues, deps: QueryDeps): HistoryQuery {
  const zone = deps.zones.named(values.text('timezone'))
  if (zone === undefined) throw invalidParameter('timezone')
  assertJson(values)
  const ids = values.ids('call_session_history_id')
  if (ids !== undefined && ids.length > MOST_IDS) throw new Refusal(150)
  return {
    zone,
    ids,
    ...rangeOf(values, zone, deps, ids !== undefined),
    tests: [...bySession(values, deps.account), ...byCall(values)],
    page: values.page(),
    isDescending: values.flag('desc_order'),
    withTotal: values.flag('with_total_count') ?? false,
    shows: {
      calls: values.flag('with_calls') ?? false,
      records: values.flag('with_records') ?? false,
      resources: values.flag('with_other_resources') ?? false,
    },
  }
}

/** Reports in CSV are not simulated. */
function assertJson(values: RequestValues): void {
  const isOther = (values.text('output') ?? 'json') !== 'json'
  if (isOther || values.flag('is_async') === true) throw new Refusal(105)
}

function rangeOf(
  values: RequestValues,
  zone: Zone,
  { now, mostDays }: QueryDeps,
  hasIds: boolean,
): { from: number; to: number } {
  const asked = (name: string): number | undefined => {
    const text = values.text(name)
    return text === undefined ? undefined : zone.read(text)
  }
  const [askedFrom, askedTo] = [asked('from_date'), asked('to_date')]
  if (askedFrom === undefined && askedTo === undefined && hasIds)
    return { from: 0, to: Number.MAX_SAFE_INTEGER - 1 }
  const to = askedTo ?? now
  const from = askedFrom ?? to - DEFAULT_DAYS * DAY_MS
  if (from > to) throw new Refusal(123)
  if (mostDays !== undefined && to - from > mostDays * DAY_MS)
    throw new Refusal(569, `Date range should be within ${mostDays} days.`)
  return { from, to }
}

function bySession(values: RequestValues, account: Account): SessionTest[] {
  const tests: SessionTest[] = []
  const application = account.askedApplication(values)
  const rule = values.text('rule_name')
  const customData = values.text('call_session_history_custom_data')
  const [least, most] = [values.integer('min_duration'), values.integer('max_duration')]
  const users = values.ids('user_id')
  if (application !== undefined)
    tests.push(({ application_id }) => application_id === application.id)
  // A rule's name says nothing without its application: then it is not looked at.
  if (application !== undefined && rule !== undefined)
    tests.push(({ rule_name }) => rule_name === rule)
  if (customData !== undefined) tests.push(({ custom_data }) => custom_data === customData)
  if (least !== undefined) tests.push(({ duration }) => (duration ?? 0) >= least)
  if (most !== undefined) tests.push(({ duration }) => (duration ?? 0) <= most)
  if (users !== undefined) tests.push(({ user_id }) => users.includes(user_id ?? 0))
  // There are no children.
  if (values.flag('children_calls_only') === true) tests.push(() => false)
  return tests
}

function byCall(values: RequestValues): SessionTest[] {
  const remote = remoteNumbers(values)
  const local = values.words('local_number')
  const withCall =
    (fits: (call: HistoryCall) => boolean): SessionTest =>
    ({ calls = [] }) =>
      calls.some(fits)
  return [
    ...(remote ? [withCall(({ remote_number }) => remote.includes(remote_number))] : []),
    ...(local ? [withCall(({ local_number }) => local.includes(local_number))] : []),
  ]
}

/** The JSON list wins over the list by `;`, unless it is empty. */
function remoteNumbers(values: RequestValues): readonly string[] | undefined {
  const list = values.text('remote_number_list')
  const numbers = list === undefined ? [] : parsedList(list)
  return numbers.length > 0 ? numbers : values.words('remote_number')
}

function parsedList(json: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(json)
    if (Array.isArray(list)) return list.map(String)
  } catch {
    // Not JSON, and so no list.
  }
  throw invalidParameter('remote_number_list')
}
