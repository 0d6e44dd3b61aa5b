// Debian's Prometheus on a free loopback port: scrapes what a test names, evaluates its rules, and is asked over its own
// HTTP API (https://prometheus.io/docs/prometheus/2.42/querying/api/).
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import {
  eventually,
  freeTcpPort,
  needs,
  startProgram,
  temporaryFolder,
  type RunningProgram,
} from './process.ts'

export const prometheusOptions = needs('prometheus', 'prometheus')
export const promtoolOptions = needs('promtool', 'prometheus')

/** Each story makes a database and forgets it: collected as by default, a quarter of the time goes to its memory. */
const GO = { GOGC: '400', GOMAXPROCS: '1' }

/** The output of promtool; '' when it is content. */
export async function promtool(...args: readonly string[]): Promise<string> {
  try {
    const env = { ...process.env, ...GO }
    await promisify(execFile)('promtool', [...args], { timeout: 180_000, env })
    return ''
  } catch (error) {
    // What it found stands in its output; what kept it from running, in the message.
    const { stdout = '', stderr = '', message } = error as Error & Record<string, string>
    return `${message}\n${stdout}${stderr}`
  }
}

export interface ScrapeTarget {
  /** `voicegate` where nothing is said, as in dashboards/prometheus.yml. */
  readonly job?: string
  /** `host:port`. */
  readonly address: string
  /** `/metrics` where nothing is said. */
  readonly path?: string
  /** Sent as `Authorization: Bearer …`. */
  readonly bearer?: string
  /** Put on every series of it, such as `instance`. */
  readonly labels?: Readonly<Record<string, string>>
}

export interface PrometheusOptions {
  readonly targets?: readonly ScrapeTarget[]
  /** Files of rules. */
  readonly rules?: readonly string[]
  /** 1 s where nothing is said. */
  readonly scrapeIntervalMs?: number
  /** As often as it scrapes where nothing is said. A group with an `interval` of its own keeps that. */
  readonly evaluationIntervalMs?: number
  /** A folder of blocks (`promtool tsdb create-blocks-from openmetrics`) to begin with; the folder itself is written to. */
  readonly tsdb?: string
}

export type Labels = Readonly<Record<string, string>>

/** Of an instant query; a scalar has no labels. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export interface Series {
  readonly labels: Labels
  readonly points: readonly { readonly time: number; readonly value: number }[]
}

export interface Alert {
  readonly name: string
  readonly state: 'pending' | 'firing'
  readonly labels: Labels
  readonly annotations: Labels
  readonly value: number
}

export interface Rule {
  readonly name: string
  readonly type: 'recording' | 'alerting'
  readonly query: string
  /** `unknown` before its first evaluation. */
  readonly health: 'ok' | 'err' | 'unknown'
  readonly lastError?: string
}

export interface Target {
  readonly job: string
  readonly address: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly lastError: string
}

/** Times are Unix seconds. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly stepSeconds: number
}

export interface Prometheus {
  readonly url: string
  /** @throws Error with Prometheus's own words, also when it only warns. */
  query(expr: string, at?: { readonly time?: number }): Promise<readonly Sample[]>
  queryRange(expr: string, range: Range): Promise<readonly Series[]>
  /** Pending and firing. */
  alerts(): Promise<readonly Alert[]>
  rules(): Promise<readonly Rule[]>
  targets(): Promise<readonly Target[]>
  /** Waits until the expression has data; gives it. */
  until(expr: string, timeoutMs: number): Promise<readonly Sample[]>
}

const STARTS = 3
const START_MS = 15_000
const ANSWER_MS = 10_000

/** A port that somebody took in the meantime costs another try. */
export async function startPrometheus(
  t: Pick<Test, 'teardown'>,
  options: PrometheusOptions = {},
): Promise<Prometheus> {
  const folder = temporaryFolder(t, 'prometheus')
  const config = writeConfig(folder, options)
  for (let start = 1; ; start += 1) {
    const port = await freeTcpPort()
    const program = startProgram(t, commandOf(config, storageOf(folder, options), port))
    const url = `http://127.0.0.1:${port}`
    if (await isReady(program, url)) return new PrometheusClient(url)
    if (start === STARTS) throw new Error(`prometheus did not start: ${program.stderr}`)
  }
}

const commandOf = (
  config: string,
  storage: string,
  port: number,
): readonly [string, ...string[]] => [
  // A test that is killed leaves none behind.
  ...(['setpriv', '--pdeathsig', 'KILL', 'prometheus'] as const),
  `--config.file=${config}`,
  `--storage.tsdb.path=${storage}`,
  // Of blocks with a virtual clock, which may lie years back.
  '--storage.tsdb.retention.time=100y',
  `--web.listen-address=127.0.0.1:${port}`,
  '--log.level=warn',
]

function storageOf(folder: string, { tsdb }: PrometheusOptions): string {
  if (tsdb !== undefined) return tsdb
  const storage = join(folder, 'tsdb')
  mkdirSync(storage, { recursive: true })
  return storage
}

function writeConfig(folder: string, options: PrometheusOptions): string {
  const { scrapeIntervalMs = 1000, evaluationIntervalMs = scrapeIntervalMs } = options
  const file = join(folder, 'prometheus.yml')
  const config = {
    global: {
      scrape_interval: `${scrapeIntervalMs}ms`,
      scrape_timeout: `${scrapeIntervalMs}ms`,
      evaluation_interval: `${evaluationIntervalMs}ms`,
    },
    rule_files: (options.rules ?? []).map((rules) => resolve(rules)),
    scrape_configs: scrapesOf(options.targets ?? []),
  }
  writeFileSync(file, stringify(config), { mode: 0o600 })
  return file
}

/** Prometheus wants each job once; what is asked differently of its targets makes another of the same `job` label. */
const scrapesOf = (targets: readonly ScrapeTarget[]): readonly unknown[] =>
  targets.map(({ job = 'voicegate', address, path, bearer, labels = {} }, index) => ({
    job_name: `target-${index}`,
    ...(path === undefined ? {} : { metrics_path: path }),
    ...(bearer === undefined ? {} : { authorization: { credentials: bearer } }),
    static_configs: [{ targets: [address], labels: { job, ...labels } }],
  }))

async function isReady(program: RunningProgram, url: string): Promise<boolean> {
  let isGone = false
  void program.ended.then(() => (isGone = true))
  await eventually('prometheus', START_MS, async () => {
    if (isGone) return true
    try {
      const answer = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1000) })
      await answer.arrayBuffer()
      return answer.ok
    } catch {
      return false // Not listening yet.
    }
  })
  return !isGone
}

interface Answer {
  readonly status: 'success' | 'error'
  readonly error?: string
  readonly warnings?: readonly string[]
  readonly data?: unknown
}

type Point = readonly [time: number, value: string]

class PrometheusClient implements Prometheus {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  async query(expr: string, { time }: { readonly time?: number } = {}): Promise<Sample[]> {
    const at = time === undefined ? {} : { time: String(time) }
    const data = (await this.#ask('query', { query: expr, ...at })) as
      | { resultType: 'vector'; result: { metric: Labels; value: Point }[] }
      | { resultType: 'scalar'; result: Point }
    if (data.resultType === 'scalar') return [{ labels: {}, value: valueOf(data.result) }]
    return data.result.map(({ metric, value }) => ({ labels: metric, value: valueOf(value) }))
  }

  async queryRange(expr: string, { start, end, stepSeconds }: Range): Promise<Series[]> {
    const data = (await this.#ask('query_range', {
      query: expr,
      start: String(start),
      end: String(end),
      step: String(stepSeconds),
    })) as { result: { metric: Labels; values: Point[] }[] }
    return data.result.map(({ metric, values }) => ({
      labels: metric,
      points: values.map((point) => ({ time: point[0], value: valueOf(point) })),
    }))
  }

  async alerts(): Promise<Alert[]> {
    const { alerts } = (await this.#ask('alerts')) as {
      alerts: (Omit<Alert, 'name' | 'value'> & { value: string })[]
    }
    return alerts.map(({ state, labels, annotations, value }) => ({
      ...{ name: labels['alertname'] ?? '', state, labels, annotations },
      value: numberOf(value),
    }))
  }

  async rules(): Promise<Rule[]> {
    const { groups } = (await this.#ask('rules')) as { groups: { rules: Rule[] }[] }
    return groups.flatMap(({ rules }) => rules)
  }

  async targets(): Promise<Target[]> {
    const { activeTargets } = (await this.#ask('targets')) as {
      activeTargets: {
        labels: Labels
        discoveredLabels: Labels
        health: Target['health']
        lastError: string
      }[]
    }
    return activeTargets.map(({ labels, discoveredLabels, health, lastError }) => ({
      job: labels['job'] ?? '',
      address: discoveredLabels['__address__'] ?? '',
      health,
      lastError,
    }))
  }

  until(expr: string, timeoutMs: number): Promise<readonly Sample[]> {
    return eventually(`data of ${expr}`, timeoutMs, async () => {
      const samples = await this.query(expr)
      return samples.length > 0 && samples
    })
  }

  async #ask(what: string, parameters?: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${what}`, {
      ...(parameters ? { method: 'POST', body: new URLSearchParams(parameters) } : {}),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const answer = (await response.json()) as Answer
    const wrong = answer.error ?? answer.warnings?.join('; ')
    if (wrong !== undefined)
      throw new Error(`Prometheus: ${wrong} [${parameters?.['query'] ?? what}]`)
    return answer.data
  }
}

const valueOf = ([, value]: Point): number => numberOf(value)

/** It writes `+Inf`, `-Inf` and `NaN`. */
const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'))
