// The requests of the pages of Voximplant. Those that wait for the vendor have more time than others.
import { client } from '../../api/generated/client.gen.ts'
import type {
  Account,
  AccountPatch,
  Accounts,
  AccountTrial,
  Application,
  ApplicationPatch,
  FetchedParts,
  NewAccount,
  NewApplication,
  PushPreview,
  PushResult,
  Scenario,
  Statistics,
  Sync,
  Syncs,
  Tested,
  VendorApplication,
  VendorNumber,
  VendorRule,
} from './shapes.ts'

/** A push asks the vendor a dozen times, a recording may be long; the server has shorter deadlines of its own. */
const VENDOR_MS = 200_000
const BASE = '/api/voximplant'

type Method = 'get' | 'post' | 'patch' | 'delete'

interface Asked {
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: object
  readonly signal?: AbortSignal
  /** The vendor is asked while we wait. */
  readonly ofVendor?: boolean
}

async function ask<T>(method: Method, path: string, asked: Asked = {}): Promise<T> {
  const { query, body, signal, ofVendor = false } = asked
  const { data } = await client[method]<{ 200: T }, unknown, true>({
    url: `${BASE}${path}`,
    throwOnError: true,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } }),
    ...(signal === undefined ? {} : { signal }),
    ...(ofVendor ? { fetch: fetchPatiently } : {}),
  })
  return data
}

const fetchPatiently: typeof fetch = (input, init) => {
  const timeout = AbortSignal.timeout(VENDOR_MS)
  const given = init?.signal ?? (input instanceof Request ? input.signal : undefined)
  return fetch(input, { ...init, signal: given ? AbortSignal.any([given, timeout]) : timeout })
}

interface Items<T> {
  readonly items: readonly T[]
}

const one = encodeURIComponent

export const listAccounts = (signal?: AbortSignal) => ask<Accounts>('get', '/accounts', { signal })
export const addAccount = (body: NewAccount) =>
  ask<Account>('post', '/accounts', { body, ofVendor: true })
export const tryAccount = (body: AccountTrial) =>
  ask<Tested>('post', '/accounts/test', { body, ofVendor: true })
export const testAccount = (id: string) =>
  ask<Tested>('post', `/accounts/${one(id)}/test`, { ofVendor: true })
export const changeAccount = (id: string, body: AccountPatch) =>
  ask<Account>('patch', `/accounts/${one(id)}`, { body, ofVendor: true })
export const removeAccount = (id: string) => ask<unknown>('delete', `/accounts/${one(id)}`)

export const vendorApplications = (account: string, signal?: AbortSignal) =>
  ask<Items<VendorApplication>>('get', `/accounts/${one(account)}/applications`, {
    signal,
    ofVendor: true,
  })
export const vendorRules = (account: string, application: string, signal?: AbortSignal) =>
  ask<Items<VendorRule>>('get', `/accounts/${one(account)}/rules`, {
    query: { voximplant_application_id: application },
    signal,
    ofVendor: true,
  })
export const vendorNumbers = (account: string, signal?: AbortSignal) =>
  ask<Items<VendorNumber>>('get', `/accounts/${one(account)}/numbers`, { signal, ofVendor: true })

export const listApplications = (signal?: AbortSignal) =>
  ask<Items<Application>>('get', '/applications', { signal })
export const addApplication = (body: NewApplication) =>
  ask<Application>('post', '/applications', { body, ofVendor: true })
export const changeApplication = (id: string, body: ApplicationPatch) =>
  ask<Application>('patch', `/applications/${one(id)}`, { body, ofVendor: true })
export const removeApplication = (id: string) => ask<unknown>('delete', `/applications/${one(id)}`)

export const readScenario = (id: string, signal?: AbortSignal) =>
  ask<Scenario>('get', `/applications/${one(id)}/scenario`, { signal })
export const scenarioFile = (id: string): string => `${BASE}/applications/${one(id)}/scenario.js`
export const previewPush = (id: string, signal?: AbortSignal) =>
  ask<PushPreview>('get', `/applications/${one(id)}/push`, { signal, ofVendor: true })
/** @param current what the preview showed to be there; null: nothing */
export const push = (id: string, current: string | null) =>
  ask<PushResult>('post', `/applications/${one(id)}/push`, {
    body: { current_sha256: current },
    ofVendor: true,
  })

export const syncCalls = (
  id: string,
  body: { readonly from_date: string; readonly to_date: string },
) => ask<Sync>('post', `/applications/${one(id)}/sync`, { body, ofVendor: true })
export const syncPending = (id: string) =>
  ask<Sync>('post', `/applications/${one(id)}/sync-pending`, { ofVendor: true })
export const listSyncs = (id: string, cursor: string | undefined, signal?: AbortSignal) =>
  ask<Syncs>('get', `/applications/${one(id)}/syncs`, {
    query: { ...(cursor === undefined ? {} : { cursor }) },
    signal,
  })
export const cancelSync = (id: string, syncId: string) =>
  ask<Sync>('post', `/applications/${one(id)}/syncs/${one(syncId)}/cancel`)

export type FetchedPart = 'sync-transcript' | 'sync-audio' | 'sync'
export const fetchOfCall = (callId: string, part: FetchedPart) =>
  ask<FetchedParts>('post', `/calls/${one(callId)}/${part}`, { ofVendor: true })

export interface StatisticsQuery {
  readonly from_date: string
  readonly to_date: string
  readonly time_zone: string
  readonly application_id?: string
}
export const readStatistics = (query: StatisticsQuery, signal?: AbortSignal) =>
  ask<Statistics>('get', '/statistics', { query: { ...query }, signal })
