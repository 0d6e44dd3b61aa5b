// Each kind of panel as HTML.
import type { Labels, Series, Source } from './answers.ts'
import { looksOf, type Panel } from './board-file.ts'
import { chart, drawnSeries, escaped, heatmap, type Size } from './chart.ts'
import { colorOfValue, written } from './values.ts'

const HEAD_PX = 30
const LEGEND_LINE_PX = 19
const MOST_LEGEND_PX = 0.42
/** Of a figure that fills its panel. */
const MOST_FONT_PX = 34
/** Of bold figures, to their height. */
const GLYPH_WIDTH = 0.72
const NO_DATA = 'No data'

export async function panelBody(panel: Panel, source: Source, size: Size): Promise<string> {
  switch (panel.type) {
    case 'stat':
      return stat(panel, await source.now(panel), size)
    case 'table':
      return table(panel, await source.now(panel))
    case 'timeseries':
    case 'heatmap':
      return graph(panel, source, size)
    default:
      return `<p class="none">cannot draw ${escaped(panel.type)}</p>`
  }
}

const lastOf = ({ points }: Series): number => points.at(-1)?.[1] ?? Number.NaN

function stat(panel: Panel, series: readonly Series[], { width }: Size): string {
  if (series.length === 0) {
    const text = panel.fieldConfig?.defaults.noValue ?? NO_DATA
    return `<div class="stats"><div class="stat"><b style="font-size:18px">${escaped(text)}</b></div></div>`
  }
  const isFilled = panel.options?.colorMode === 'background'
  const hasNames = panel.options?.textMode !== 'value' && series.length > 1
  const cells = series.map((each) => {
    const looks = looksOf(panel, each.name)
    const value = lastOf(each)
    const color = colorOfValue(value, looks) ?? 'inherit'
    const style = isFilled ? `background:${color};color:#fff` : `color:${color}`
    const isNamed = panel.options?.textMode === 'name'
    const text = isNamed ? each.name : written(value, looks)
    const name = hasNames ? `<i>${escaped(each.name)}</i>` : ''
    const fontPx = Math.min(MOST_FONT_PX, width / series.length / text.length / GLYPH_WIDTH)
    return `<div class="stat" style="${style}">${name}<b style="font-size:${fontPx.toFixed(0)}px">${escaped(text)}</b></div>`
  })
  return `<div class="stats">${cells.join('')}</div>`
}

async function graph(panel: Panel, source: Source, { height, width }: Size): Promise<string> {
  const series = await source.lines(panel)
  if (series.every(({ points }) => points.length === 0))
    return `<p class="none">${escaped(panel.fieldConfig?.defaults.noValue ?? NO_DATA)}</p>`
  const inside = { step: source.stepOf(panel), times: source.times }
  if (panel.type === 'heatmap')
    return heatmap(panel, series, { width, height: height - HEAD_PX }, inside)
  const drawn = drawnSeries(panel, series)
  const lines = drawn.map((each) => {
    const values = each.points.map(([, value]) => value).filter(Number.isFinite)
    const of = (value: number | undefined): string =>
      value === undefined ? '–' : escaped(written(value, each.looks))
    const most = values.length === 0 ? undefined : Math.max(...values)
    return `<tr><td><span style="background:${each.color}"></span>${escaped(each.name)}</td><td>${of(values.at(-1))}</td><td>${of(most)}</td></tr>`
  })
  const legendHeight = Math.min(
    (lines.length + 1) * LEGEND_LINE_PX,
    Math.round(height * MOST_LEGEND_PX),
  )
  const picture = chart(panel, drawn, { width, height: height - HEAD_PX - legendHeight }, inside)
  return `${picture}<div class="legend" style="height:${legendHeight}px"><table><tr><th></th><th>last</th><th>max</th></tr>${lines.join('')}</table></div>`
}

type Row = Record<string, string | number>

/** Rows whose labels are the same are one, with a value of each query. */
function table(panel: Panel, series: readonly Series[]): string {
  const rows = new Map<string, Row>()
  const isAlone = (panel.targets ?? []).length === 1
  for (const each of series) {
    const key = keyOf(each.labels)
    const row = rows.get(key) ?? { ...each.labels }
    row[isAlone ? 'Value' : `Value #${each.target.refId}`] = lastOf(each)
    rows.set(key, row)
  }
  if (rows.size === 0)
    return `<p class="none">${escaped(panel.fieldConfig?.defaults.noValue ?? NO_DATA)}</p>`
  const { indexByName = {}, renameByName = {} } =
    panel.transformations?.find(({ id }) => id === 'organize')?.options ?? {}
  const fields = Object.keys(renameByName).toSorted(
    (one, other) => (indexByName[one] ?? 0) - (indexByName[other] ?? 0),
  )
  const columns = fields.map((field) => ({ field, title: renameByName[field] ?? field }))
  const head = columns.map(({ title }) => `<th>${escaped(title)}</th>`).join('')
  const body = sorted(panel, [...rows.values()], columns).map((row) => {
    const cells = columns.map(({ field, title }) => cell(panel, title, row[field]))
    return `<tr>${cells.join('')}</tr>`
  })
  return `<div class="table"><table><tr>${head}</tr>${body.join('')}</table></div>`
}

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).toSorted())

function sorted(
  panel: Panel,
  rows: readonly Row[],
  columns: readonly { readonly field: string; readonly title: string }[],
): readonly Row[] {
  const [by] = panel.options?.sortBy ?? []
  const field = columns.find(({ title }) => title === by?.displayName)?.field
  if (field === undefined) return rows
  const sign = by?.desc === true ? -1 : 1
  return rows.toSorted((one, other) => {
    const [a = '', b = ''] = [one[field], other[field]]
    return (
      sign *
      (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b)))
    )
  })
}

function cell(panel: Panel, title: string, value: string | number | undefined): string {
  if (value === undefined) return '<td></td>'
  if (typeof value === 'string') return `<td>${escaped(value)}</td>`
  const looks = looksOf(panel, title)
  const isColored = looks['custom.cellOptions'] !== undefined
  const color = isColored ? (colorOfValue(value, looks) ?? 'inherit') : 'inherit'
  return `<td class="number" style="color:${color}">${escaped(written(value, looks))}</td>`
}
