// What Prometheus answers to the queries of a panel, with Grafana's variables filled in as Grafana would.
import { withVariables } from '../../test/support/dashboards/variables.ts'
import type { Panel, Target } from './board-file.ts'

export interface Times {
  /** Unix seconds. */
  readonly from: number
  readonly to: number
  /** How often Prometheus scrapes. */
  readonly scrapeSeconds: number
  /** How far apart points are at most, and how long a ratio is taken over: a short demonstration has not more. */
  readonly intervalSeconds: number
}

export type Labels = Readonly<Record<string, string>>
export interface Series {
  readonly target: Target
  readonly labels: Labels
  /** By its legend. */
  readonly name: string
  readonly points: readonly (readonly [time: number, value: number])[]
}

const ANSWER_MS = 30_000
/** As wide as a panel is in points, more or less: Grafana asks for one point a pixel at most. */
const MOST_POINTS = 300
const WINDOW_SECONDS = 300
const WINDOWS = 30

export class Source {
  readonly #url: string
  readonly #times: Times
  /** What could not be asked, in Prometheus's own words. */
  readonly problems: string[] = []

  constructor(url: string, times: Times) {
    this.#url = url
    this.#times = times
  }

  get times(): Times {
    return this.#times
  }

  stepOf({ interval }: Panel): number {
    const { from, intervalSeconds, scrapeSeconds, to } = this.#times
    const wanted = Math.min(secondsOf(interval), intervalSeconds)
    return Math.max(wanted, scrapeSeconds, Math.ceil((to - from) / MOST_POINTS))
  }

  /** Over the whole time. */
  lines(panel: Panel): Promise<readonly Series[]> {
    const step = this.stepOf(panel)
    const { from, to } = this.#times
    // Points stand where they stand on every reload, as Grafana has them.
    const aligned = { start: Math.ceil(from / step) * step, end: Math.floor(to / step) * step }
    return this.#each(panel, 'query_range', { ...aligned, step })
  }

  /** At its end. */
  now(panel: Panel): Promise<readonly Series[]> {
    return this.#each(panel, 'query', { time: this.#times.to })
  }

  async #each(
    panel: Panel,
    what: string,
    times: Readonly<Record<string, number>>,
  ): Promise<readonly Series[]> {
    const { from, intervalSeconds, scrapeSeconds, to } = this.#times
    const step = this.stepOf(panel)
    const rate = Math.max(step + scrapeSeconds, 4 * scrapeSeconds)
    // By itself, as the boards have it (dashboards/source/board.ts).
    const window = Math.min(Math.max(WINDOW_SECONDS, (to - from) / WINDOWS), intervalSeconds)
    const windows = { interval: `${rate}s`, range: `${Math.round(to - from)}s`, value: '.*' }
    const all = (panel.targets ?? []).map(async (target) => {
      const query = withVariables(
        target.expr
          .replaceAll('$__interval', `${step}s`)
          .replaceAll('$window', `${Math.round(window)}s`),
        windows,
      )
      const given = Object.entries(times).map(([name, value]): [string, string] => [
        name,
        String(value),
      ])
      const found = await this.#ask(what, new URLSearchParams([['query', query], ...given]))
      return found.map(({ metric, value, values }) => ({
        target,
        labels: metric,
        name: nameOf(target, metric),
        points: (values ?? (value ? [value] : [])).map(
          ([time, text]) => [time, numberOf(text)] as const,
        ),
      }))
    })
    return (await Promise.all(all)).flat()
  }

  async #ask(what: string, body: URLSearchParams): Promise<readonly Found[]> {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const answer = await fetch(`${this.#url}/api/v1/${what}`, { method: 'POST', body, signal })
    const { data, error } = (await answer.json()) as {
      readonly error?: string
      readonly data?: { readonly resultType: string; readonly result: readonly Found[] }
    }
    if (error !== undefined) this.problems.push(`${error} [${body.get('query') ?? ''}]`)
    return data?.resultType === 'scalar' ? [] : (data?.result ?? [])
  }
}

type Sample = readonly [time: number, value: string]
interface Found {
  readonly metric: Labels
  readonly value?: Sample
  readonly values?: readonly Sample[]
}

const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'))

function nameOf({ legendFormat = '', refId }: Target, labels: Labels): string {
  if (legendFormat !== '')
    return legendFormat.replaceAll(
      /\{\{\s*(\w+)\s*\}\}/g,
      (_, label: string) => labels[label] ?? '',
    )
  const all = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return all.length === 0 ? refId : all.join(' ')
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
function secondsOf(duration: string | undefined): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(duration ?? '') ?? []
  return Number(count ?? 0) * (UNITS[unit] ?? 0)
}
