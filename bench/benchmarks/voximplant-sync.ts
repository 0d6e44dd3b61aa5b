// Synchronisation of Voximplant's history into a fresh database, over HTTP, whole product: calls a second beside a bare
// upsert of the same rows, memory while it runs, and what a new call waits for its record meanwhile.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlApi } from '../../control-api/index.ts'
import { DATABASE_FILE } from '../history/generated-history.ts'
import { openHistoryApi, writeTime } from '../history/history-api.ts'
import type { BenchOptions } from '../options.ts'
import { withPrograms, type Program } from '../process/program.ts'
import { finding, type Report } from '../report/finding.ts'
import { spreadOf } from '../report/statistics.ts'
import { bareUpsert } from '../voximplant-sync/bare-upsert.ts'
import type { VendorCommands, VendorOfBench } from '../voximplant-sync/vendor.ts'

const MOST_CALLS = 100_000
const DAYS = 30
const DAY_MS = 86_400_000
const RATIO_GOAL = 0.5
/** What it holds does not follow from how much there is. */
const FLAT_GOAL_MB = 50
const WRITE_EVERY_MS = 500
/** Requests a second: ten, as the product has it, are ten thousand calls, and would be all that is measured. */
const UNHURRIED = 1000

export function voximplantSync(options: BenchOptions): Promise<Report> {
  return withPrograms(async (start) => {
    const folder = mkdtempSync(join(tmpdir(), 'voicegate-voximplant-sync-'))
    try {
      return await measure(options, start<VendorCommands>('voximplant-sync/vendor.ts'), folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

async function measure(
  { rows, progress }: BenchOptions,
  vendor: Program<VendorCommands>,
  folder: string,
): Promise<Report> {
  const calls = Math.min(rows, MOST_CALLS)
  const before = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const range = { from: before - DAYS * DAY_MS, before }
  progress(`a history of ${calls} calls`)
  const at = await vendor.ask('start', { calls, ...range })
  const [synced, empty] = [join(folder, 'synced'), join(folder, 'bare')]
  progress('synchronised')
  const sync = await synchronise(synced, at, range)
  await (await openHistoryApi(empty)).close()
  progress('bare')
  const bare = bareUpsert(join(synced, DATABASE_FILE), join(empty, DATABASE_FILE))
  if (bare.calls < calls) throw new Error(`${bare.calls} calls are there`)
  const waits = spreadOf(sync.waits)
  return {
    name: 'voximplant-sync',
    title: `${calls} calls of ${DAYS} days from the history of Voximplant`,
    findings: [
      finding({
        ...{ what: 'calls synchronised', unit: 'a second', value: calls / sync.seconds },
        beside: { name: 'bare upsert', value: bare.calls / bare.seconds },
        goal: { relation: '>=', limit: RATIO_GOAL, of: 'ratio' },
      }),
      finding({
        ...{ what: 'memory, last half beyond the first', unit: 'MB', value: sync.laterMb },
        goal: { relation: '<', limit: FLAT_GOAL_MB, of: 'value' },
      }),
      finding({ what: 'memory, peak beyond the start', unit: 'MB', value: sync.growthMb }),
      finding({ what: 'record of a new call meanwhile, p50', unit: 'ms', value: waits.p50 }),
      finding({ what: 'record of a new call meanwhile, p99', unit: 'ms', value: waits.p99 }),
    ],
    notes: [
      'Synchronised: pages of a thousand by HTTP from a simulator in another process, decoded, looked up, written with their counters.',
      'Bare: the rows of all three tables that came of it, by prepared statements of node:sqlite, a thousand calls a commit, read before.',
    ],
    raw: { sync, bare },
  }
}

interface Synchronised {
  readonly seconds: number
  readonly growthMb: number
  readonly laterMb: number
  readonly waits: readonly number[]
}

async function synchronise(
  dataDir: string,
  vendor: VendorOfBench,
  range: { readonly from: number; readonly before: number },
): Promise<Synchronised> {
  const api = await openHistoryApi(dataDir, undefined, {
    baseUrl: vendor.baseUrl,
    restTiming: { perSecond: UNHURRIED },
  })
  try {
    api.setReady('ready')
    const applicationId = await link(api, vendor)
    const rssMb = (): number => process.memoryUsage.rss() / 1e6
    const startMb = rssMb()
    const usedMb: number[] = []
    const waits: number[] = []
    const state = { isOver: false }
    const beside = (async () => {
      while (!state.isOver) {
        // Two seconds are as long as a call waits.
        waits.push(await writeTime(api).catch(() => 2000))
        usedMb.push(rssMb())
        await sleep(WRITE_EVERY_MS)
      }
    })()
    const startedAt = performance.now()
    await untilDone(api, applicationId, range)
    const seconds = (performance.now() - startedAt) / 1000
    state.isOver = true
    await beside
    const half = Math.ceil(usedMb.length / 2)
    const peak = Math.max(...usedMb)
    const laterMb = Math.max(...usedMb.slice(half)) - Math.max(...usedMb.slice(0, half))
    return { seconds, growthMb: peak - startMb, laterMb, waits }
  } finally {
    await api.close()
  }
}

async function link(api: ControlApi, vendor: VendorOfBench): Promise<string> {
  const account = await post(api, '/accounts', {
    account_name: 'bench',
    account_id: String(vendor.accountId),
    api_key: vendor.apiKey,
  })
  const application = await post(api, '/applications', {
    account: account['account_id'],
    application_name: 'bench',
    elevenlabs_agent_id: 'agent_bench',
    voximplant_application_id: String(vendor.applicationId),
  })
  return String(application['application_id'])
}

async function untilDone(
  api: ControlApi,
  applicationId: string,
  { from, before }: { readonly from: number; readonly before: number },
): Promise<void> {
  const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
  const range = { from_date: dayOf(from), to_date: dayOf(before - 1) }
  let sync: Answer = {}
  // The same range joins what runs.
  do sync = await post(api, `/applications/${applicationId}/sync`, range)
  while (sync['state'] === 'running')
  if (sync['state'] !== 'done') throw new Error(`it came to ${JSON.stringify(sync)}`)
}

type Answer = Readonly<Record<string, unknown>>

async function post(api: ControlApi, path: string, body: object): Promise<Answer> {
  const { host, port } = api.address
  const response = await fetch(`http://${host}:${port}/api/voximplant${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Answer
}
