// What the pages of Voximplant read, under keys that live news refreshes by name.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { refresh } from '../../api/queries.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { createSeldom, type Seldom } from '../../live/seldom.ts'
import {
  listAccounts,
  listApplications,
  listSyncs,
  previewPush,
  readScenario,
  readStatistics,
  vendorApplications,
  vendorNumbers,
  vendorRules,
  type StatisticsQuery,
} from './requests.ts'

const ACCOUNTS = 'listVoximplantAccounts'
const APPLICATIONS = 'listVoximplantApplications'
const SYNCS = 'listVoximplantSyncs'
const SCENARIO = 'getVoximplantScenario'
const STATISTICS = 'getVoximplantStatistics'
/** Asked of the vendor itself: only what somebody does changes it. */
const OF_VENDOR = { meta: { live: false } } as const

export const useAccounts = () =>
  useQuery({ queryKey: [{ _id: ACCOUNTS }], queryFn: ({ signal }) => listAccounts(signal) })

export const useApplications = () =>
  useQuery({ queryKey: [{ _id: APPLICATIONS }], queryFn: ({ signal }) => listApplications(signal) })

export const syncsOptions = (application: string, cursor: string | undefined) =>
  queryOptions({
    queryKey: [{ _id: SYNCS, application, cursor }],
    queryFn: ({ signal }) => listSyncs(application, cursor, signal),
    placeholderData: keepPreviousData,
  })

export const scenarioOptions = (application: string) =>
  queryOptions({
    queryKey: [{ _id: SCENARIO, application }],
    queryFn: ({ signal }) => readScenario(application, signal),
  })

/** Always as it is there now. */
export const previewOptions = (application: string) =>
  queryOptions({
    queryKey: [{ _id: 'previewVoximplantPush', application }],
    queryFn: ({ signal }) => previewPush(application, signal),
    staleTime: 0,
    gcTime: 0,
    ...OF_VENDOR,
  })

export const useVendorApplications = (account: string) =>
  useQuery({
    queryKey: [{ _id: 'listVoximplantVendorApplications', account }],
    queryFn: ({ signal }) => vendorApplications(account, signal),
    enabled: account !== '',
    ...OF_VENDOR,
  })

export const useVendorRules = (account: string, application: string) =>
  useQuery({
    queryKey: [{ _id: 'listVoximplantVendorRules', account, application }],
    queryFn: ({ signal }) => vendorRules(account, application, signal),
    enabled: account !== '' && application !== '',
    ...OF_VENDOR,
  })

export const useVendorNumbers = (account: string) =>
  useQuery({
    queryKey: [{ _id: 'listVoximplantVendorNumbers', account }],
    queryFn: ({ signal }) => vendorNumbers(account, signal),
    enabled: account !== '',
    ...OF_VENDOR,
  })

export const statisticsOptions = (query: StatisticsQuery) =>
  queryOptions({
    queryKey: [{ _id: STATISTICS, query }],
    queryFn: ({ signal }) => readStatistics(query, signal),
    placeholderData: keepPreviousData,
  })

export const refreshAccounts = (): Promise<void> => refresh(ACCOUNTS)
/** An account counts its applications. */
export const refreshApplications = (): Promise<void> => refresh(APPLICATIONS, ACCOUNTS, SCENARIO)
export const refreshSyncs = (): Promise<void> => refresh(SYNCS)

const soon = (run: () => Promise<void>): Seldom => createSeldom(run, { afterMs: 100, everyMs: 500 })
/** What a synchronisation brings is read anew now and then while it runs, and after it. */
const CALLS_EVERY_MS = 3000
const calls = createSeldom(() => refresh('searchCalls', STATISTICS), {
  afterMs: 500,
  everyMs: CALLS_EVERY_MS,
})
const NEWS: Readonly<Record<string, readonly Seldom[]>> = {
  'voximplant.account_changed': [soon(refreshAccounts)],
  'voximplant.application_changed': [soon(refreshApplications)],
  'voximplant.sync_changed': [soon(refreshSyncs), calls],
}

/** For useLive. */
export function hearVoximplant({ type }: LiveMessage): void {
  for (const one of NEWS[type] ?? []) one.soon()
}
