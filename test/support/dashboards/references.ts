// Whether boards and rules ask only for what there is, and for all that there is.
import {
  DECLARED,
  exportedSeries,
  type Exported,
  type SeriesShape,
  type Values,
} from './exported.ts'
import { ANYTHING } from './matchers.ts'
import { readExpression } from './promql.ts'
import type { AlertingRule, Asked, RecordingRule, Sources } from './sources.ts'
import { withVariables } from './variables.ts'

const WINDOWS = { interval: '5m', range: '1h', value: ANYTHING }

/** One line each; none: all is well. */
export async function wrongReferences(sources: Sources): Promise<readonly string[]> {
  const series = new Map(await exportedSeries(sources.jobs))
  addRecordings(series, sources.recordings)
  addAlerts(series, sources.alerts)
  const asked = [...sources.panels, ...sources.recordings, ...sources.alerts]
  const readings = asked.map((each) => ({ ...each, reading: readingOf(each, series) }))
  const used = new Set(readings.flatMap(({ reading }) => [...reading.families]))
  const inUse = [...DECLARED, ...sources.recordings.map(({ record }) => record)]
  return [
    ...readings.flatMap(({ where, reading, labelsNamed }) => [
      ...reading.problems.map((problem) => `${where}: ${problem}`),
      ...labelsNamed
        .filter((label) => reading.labels?.has(label) !== true)
        .map((label) => `${where}: names ${label}, which its result has not`),
    ]),
    ...inUse.filter((name) => !used.has(name)).map((name) => `${name}: on no board, in no rule`),
  ]
}

function readingOf(each: Asked | AlertingRule, series: Exported) {
  const reading = readExpression(withVariables(each.expr, WINDOWS), series)
  if (!('alert' in each) || reading.labels === undefined) return reading
  return { ...reading, labels: new Map([...reading.labels, ...closed(each.labels)]) }
}

/** Each with the labels its expression leaves; one may be made of another. */
function addRecordings(
  series: Map<string, SeriesShape>,
  recordings: readonly RecordingRule[],
): void {
  for (const { record } of recordings) series.set(record, { family: record, labels: new Map() })
  // As often as one may stand on another.
  for (let turn = 0; turn < recordings.length; turn += 1)
    for (const { record, expr, labels } of recordings) {
      const { labels: left = new Map<string, Values>() } = readExpression(expr, series)
      series.set(record, {
        family: record,
        counts: false,
        labels: new Map([...left, ...closed(labels)]),
      })
    }
}

/** `ALERTS`: with every label that any of them has. */
function addAlerts(series: Map<string, SeriesShape>, alerts: readonly AlertingRule[]): void {
  const labels = new Map<string, Values>()
  for (const { expr, labels: own } of alerts) {
    for (const [label, values] of readExpression(expr, series).labels ?? [])
      labels.set(label, values)
    for (const [label, value] of Object.entries(own)) {
      const known = labels.get(label) ?? []
      if (known !== 'open') labels.set(label, [...new Set([...known, value])])
    }
  }
  labels.set('alertname', [...new Set(alerts.map(({ alert }) => alert))])
  labels.set('alertstate', ['pending', 'firing'])
  for (const name of ['ALERTS', 'ALERTS_FOR_STATE'])
    series.set(name, { family: name, counts: false, labels })
}

const closed = (labels: Readonly<Record<string, string>>): readonly [string, Values][] =>
  Object.entries(labels).map(([label, value]) => [label, [value]])
