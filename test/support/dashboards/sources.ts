// What dashboards/ asks of Prometheus: every expression of its boards and rules, with the place it stands in.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parse } from 'yaml'

/** An expression, and the labels that what stands beside it names. */
export interface Asked {
  /** `overview.json: Calls now [A]`. */
  readonly where: string
  /** With Grafana's variables in it, where it is of a board. */
  readonly expr: string
  readonly labelsNamed: readonly string[]
}

export interface RecordingRule extends Asked {
  readonly record: string
  readonly labels: Readonly<Record<string, string>>
}

export interface AlertingRule extends Asked {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
}

export interface Sources {
  readonly panels: readonly Asked[]
  readonly recordings: readonly RecordingRule[]
  readonly alerts: readonly AlertingRule[]
  /** Of dashboards/prometheus.yml. */
  readonly jobs: readonly string[]
}

export const BOARD_FILES = (): readonly string[] => globSync('dashboards/boards/*.json').toSorted()
export const RULE_FILES = (): readonly string[] => globSync('dashboards/rules/*.yml').toSorted()

export function readSources(): Sources {
  const files = RULE_FILES().map((file) => rulesOf(basename(file), readFileSync(file, 'utf8')))
  return {
    panels: BOARD_FILES().flatMap((file) =>
      askedOfBoard(basename(file), JSON.parse(readFileSync(file, 'utf8'))),
    ),
    recordings: files.flatMap(({ recordings }) => recordings),
    alerts: files.flatMap(({ alerts }) => alerts),
    jobs: jobsOf(readFileSync('dashboards/prometheus.yml', 'utf8')),
  }
}

function jobsOf(text: string): readonly string[] {
  const { scrape_configs: scrapes } = parse(text) as { scrape_configs: { job_name: string }[] }
  return scrapes.map(({ job_name: name }) => name)
}

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string | number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export function rulesOf(file: string, text: string): Pick<Sources, 'recordings' | 'alerts'> {
  const { groups = [] } = (parse(text) ?? {}) as { groups?: { rules: Rule[] }[] }
  const recordings: RecordingRule[] = []
  const alerts: AlertingRule[] = []
  for (const { record, alert, expr, labels = {}, annotations = {} } of groups.flatMap(
    ({ rules }) => rules,
  )) {
    const asked = { where: `${file}: ${record ?? alert ?? '?'}`, expr: String(expr), labels }
    if (record !== undefined) recordings.push({ ...asked, record, labelsNamed: [] })
    if (alert !== undefined) alerts.push({ ...asked, alert, labelsNamed: ofTemplate(annotations) })
  }
  return { recordings, alerts }
}

/** `{{ $labels.trunk }}` of annotations. */
const ofTemplate = (annotations: Readonly<Record<string, string>>): readonly string[] =>
  found(Object.values(annotations).join(' '), /\$labels\.(\w+)/g)

interface Target {
  readonly refId?: string
  readonly expr?: string
  readonly legendFormat?: string
}

interface Panel {
  readonly title?: string
  readonly targets?: readonly Target[]
  readonly panels?: readonly Panel[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query?: string | { readonly query?: string }
}

interface Board {
  readonly panels?: readonly Panel[]
  readonly templating?: { readonly list?: readonly Variable[] }
  readonly annotations?: { readonly list?: readonly (Target & { readonly name?: string })[] }
}

/** The JSON of a board, as Grafana keeps it. */
export function askedOfBoard(file: string, json: unknown): readonly Asked[] {
  const { panels = [], templating, annotations } = json as Board
  return [
    ...panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).flatMap(askedOfPanel),
    ...(templating?.list ?? []).flatMap(askedOfVariable),
    ...(annotations?.list ?? []).flatMap(({ name, ...target }) =>
      askedOfPanel({ title: name ?? '', targets: [target] }),
    ),
  ].map(({ where, ...rest }) => ({ ...rest, where: `${file}: ${where}` }))
}

function askedOfPanel(panel: Panel): readonly Asked[] {
  const { title = '?', targets = [] } = panel
  // Links and overrides of a panel name the labels of its series.
  const inLinks = found(JSON.stringify({ ...panel, panels: [] }), /\$\{__field\.labels\.(\w+)/g)
  return targets.flatMap(({ refId = '?', expr, legendFormat = '' }) => {
    if (expr === undefined) return []
    const inLegend = found(legendFormat, /\{\{\s*(\w+)\s*\}\}/g)
    return [{ where: `${title} [${refId}]`, expr, labelsNamed: [...inLegend, ...inLinks] }]
  })
}

/** `label_values(metric{…}, label)` and `query_result(…)` of a variable; it is asked for its metric and its label. */
function askedOfVariable({ name, type, query }: Variable): readonly Asked[] {
  const text = typeof query === 'string' ? query : query?.query
  if (type !== 'query' || text === undefined) return []
  const where = `variable ${name}`
  const values = /^label_values\((.+),\s*(\w+)\s*\)$/s.exec(text)
  if (values) return [{ where, expr: values[1] ?? '', labelsNamed: [values[2] ?? ''] }]
  const result = /^query_result\((.+)\)$/s.exec(text)
  return [{ where, expr: result?.[1] ?? text, labelsNamed: [] }]
}

const found = (text: string, pattern: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? '')),
]
