// A year of calls in the embedded database: a page of every filter over HTTP beside the bare query, statistics, the
// export, and what a new call waits for its record while they run.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ControlApi } from '../../control-api/index.ts'
import { openHistory, type History } from '../history/generated-history.ts'
import { bareSpreads, PAGE, type BareSpreads } from '../history/bare-history.ts'
import { openHistoryApi, removeWritten, writeTime } from '../history/history-api.ts'
import { HISTORY_QUERIES, type HistoryQuery } from '../history/history-queries.ts'
import { NEWEST, YEAR_MS } from '../history/random-call.ts'
import type { BenchOptions } from '../options.ts'
import { finding, type Finding, type Report } from '../report/finding.ts'
import { spreadOf, type Spread } from '../report/statistics.ts'

const PAGE_GOAL_MS = 30
const BARE_GOAL = 3
const STATISTICS_GOAL_MS = 1000
const WARM_UP = 5
const WRITE_EVERY_MS = 10
const IDLE_MS = 2000
const READER = join(import.meta.dirname, '../history/export-reader.ts')
const GROUPINGS = ['day', 'week', 'trunk', 'agent', 'outcome', 'consent'] as const

export async function history(options: BenchOptions): Promise<Report> {
  const made = await openHistory(options.rows, options.progress)
  const bare = new Map<string, BareSpreads>()
  for (const query of HISTORY_QUERIES) {
    options.progress(`bare: ${query.name}`)
    const filters = Array.from({ length: options.count }, (_, at) => query.filter(at))
    bare.set(query.name, await bareSpreads(made.dataDir, filters))
  }
  const api = await openHistoryApi(made.dataDir)
  try {
    const idle = await whileWriting(api, () => sleep(IDLE_MS))
    const pages = await pageFindings(api, bare, options)
    const statistics = await whileWriting(api, () => statisticsFindings(api, options))
    const exported = await whileWriting(api, () => exportFindings(api, made, options))
    const loads = { 'nothing else': idle, statistics, 'the export': exported }
    const findings = [...pages, ...statistics.result, ...exported.result]
    return {
      name: 'history',
      title: `${made.rows} calls of a year in the embedded database`,
      findings: [
        ...findings,
        ...Object.entries(loads).flatMap(([name, one]) => writeFindings(name, one, idle)),
      ],
      notes: notesOf(made, options),
      raw: { bare: Object.fromEntries(bare), pages },
    }
  } finally {
    await api.close()
    removeWritten(made.dataDir)
  }
}

async function pageFindings(
  api: ControlApi,
  bare: ReadonlyMap<string, BareSpreads>,
  options: BenchOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const query of HISTORY_QUERIES) {
    options.progress(`over HTTP: ${query.name}`)
    const over = spreadOf(await pageTimes(api, query, options.count))
    const beside = bare.get(query.name)
    if (beside === undefined) throw new Error(`${query.name} was not measured bare`)
    findings.push(
      finding({
        ...{ what: `${query.name}, p50`, unit: 'ms', value: over.p50 },
        beside: { name: 'bare over HTTP', value: beside.http.p50 },
        goal: { relation: '<=', limit: BARE_GOAL, of: 'ratio' },
      }),
      finding({
        ...{ what: `${query.name}, p99`, unit: 'ms', value: over.p99 },
        beside: { name: 'bare query', value: beside.query.p99 },
        goal: { relation: '<', limit: PAGE_GOAL_MS, of: 'value' },
      }),
    )
  }
  return findings
}

async function pageTimes(
  api: ControlApi,
  query: HistoryQuery,
  count: number,
): Promise<readonly number[]> {
  const times: number[] = []
  for (let at = 0; at < WARM_UP + count; at++) {
    const body = JSON.stringify({ ...query.body(Math.max(0, at - WARM_UP)), limit: PAGE })
    const startedAt = performance.now()
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${urlOf(api)}/api/calls/search`, { method: 'POST', headers, body })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`${query.name} is answered with ${answer.status}`)
    if (at >= WARM_UP) times.push(performance.now() - startedAt)
  }
  return times
}

async function statisticsFindings(
  api: ControlApi,
  options: BenchOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const from = new Date(NEWEST - YEAR_MS).toISOString()
  const to = new Date(NEWEST).toISOString()
  for (const grouping of GROUPINGS) {
    options.progress(`statistics by ${grouping}`)
    const query = new URLSearchParams({
      from_date: from,
      to_date: to,
      group_by: grouping,
      time_zone: 'Europe/Berlin',
    })
    const times: number[] = []
    for (let round = 0; round < 3; round++) {
      const startedAt = performance.now()
      const answer = await fetch(`${urlOf(api)}/api/statistics?${query.toString()}`)
      await answer.arrayBuffer()
      if (answer.status !== 200) throw new Error(`statistics are answered with ${answer.status}`)
      times.push(performance.now() - startedAt)
    }
    findings.push(
      finding({
        ...{ what: `a year's statistics by ${grouping}, slowest of three`, unit: 'ms' },
        value: Math.max(...times),
        goal: { relation: '<', limit: STATISTICS_GOAL_MS, of: 'value' },
      }),
    )
  }
  return findings
}

async function exportFindings(
  api: ControlApi,
  { rows }: History,
  options: BenchOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const format of ['csv', 'ndjson'] as const) {
    options.progress(`export as ${format}`)
    const before = process.memoryUsage().rss
    let highest = before
    const watching = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage.rss())
    }, 20)
    const startedAt = performance.now()
    const url = `${urlOf(api)}/api/calls/export?format=${format}`
    const { stdout } = await promisify(execFile)(process.execPath, [READER, url])
    const bytes = Number(stdout)
    clearInterval(watching)
    const seconds = (performance.now() - startedAt) / 1000
    findings.push(
      finding({ what: `export as ${format}: calls a second`, unit: '', value: rows / seconds }),
      finding({ what: `export as ${format}: size`, unit: 'MB', value: bytes / 1e6 }),
      finding({
        ...{ what: `export as ${format}: memory more than before`, unit: 'MB' },
        value: (highest - before) / 1e6,
        goal: { relation: '<', limit: 150, of: 'value' },
      }),
    )
  }
  return findings
}

interface Written<T> {
  readonly result: T
  readonly writes: Spread
  /** How late the thread was that hears of an answered call. */
  readonly lateMs: number
}

async function whileWriting<T>(api: ControlApi, run: () => Promise<T>): Promise<Written<T>> {
  const times: number[] = []
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const until = new AbortController()
  delay.enable()
  const writing = (async () => {
    while (!until.signal.aborted) {
      times.push(await writeTime(api))
      await sleep(WRITE_EVERY_MS)
    }
  })()
  try {
    return { result: await run(), writes: spreadOf(times), lateMs: delay.percentile(99) / 1e6 }
  } finally {
    until.abort()
    delay.disable()
    await writing
  }
}

const writeFindings = (
  name: string,
  { writes, lateMs }: Written<unknown>,
  idle: Written<unknown>,
): readonly Finding[] => [
  finding({
    ...{ what: `a call's record durable, beside ${name}, p50`, unit: 'ms', value: writes.p50 },
    beside: { name: 'idle', value: idle.writes.p50 },
  }),
  finding({
    ...{ what: `a call's record durable, beside ${name}, p99`, unit: 'ms', value: writes.p99 },
    beside: { name: 'idle', value: idle.writes.p99 },
  }),
  finding({
    ...{ what: `the main thread is late, beside ${name}, p99`, unit: 'ms', value: lateMs },
    beside: { name: 'idle', value: idle.lateMs },
  }),
]

const urlOf = ({ address }: ControlApi): string => `http://${address.host}:${address.port}`

const notesOf = ({ megabytes, madeInSeconds, dataDir }: History, { count }: BenchOptions) => [
  `pages of ${PAGE} calls, ${count} of each filter, one after the other; client and server share a process and its main thread; the export is read by another process`,
  'bare query: the same statement on the same file by node:sqlite, no row made JSON; bare over HTTP: behind a plain node:http server that answers the rows as JSON',
  'the record and the main thread stand for 200 OK → agent open: a call waits for the one before it rings or is answered, and its answer is heard by the other',
  `the file has ${megabytes.toFixed(0)} MB, in ${dataDir}; ${madeInSeconds === null ? 'it was there from an earlier run' : `made in ${madeInSeconds.toFixed(0)} s`}`,
]
