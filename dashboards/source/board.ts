// A board: its rows of panels, and what all boards have.
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  IntervalVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
  type DashboardLink,
  type Panel,
  type RowPanel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { builtLink, uidOf } from './links.ts'
import { builtPanel, SOURCE } from './built-panels.ts'
import type { PanelPlan } from './panels.ts'

// oxlint-disable-next-line typescript/no-deprecated -- The classic JSON is what Grafana reads from files.
type ClassicBoard = Dashboard

export interface Row {
  readonly title: string
  readonly panels: readonly PanelPlan[]
  /** Closed until somebody opens it: what not everybody has. */
  readonly collapsed: boolean
}
export interface Board {
  /** Of its file, and in its address. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly rows: readonly Row[]
}

export const row = (title: string, panels: readonly PanelPlan[]): Row => ({
  title,
  panels,
  collapsed: false,
})
export const closedRow = (title: string, panels: readonly PanelPlan[]): Row => ({
  title,
  panels,
  collapsed: true,
})

/** Where links to calls lead until somebody types the address at which people open the console. */
const CONSOLE_URL = 'http://127.0.0.1:8000'
const TAG = 'voicegate'
const COLUMNS = 24

export function builtBoard({ name, title, description, rows }: Board): ClassicBoard {
  // oxlint-disable-next-line typescript/no-deprecated -- As above.
  const builder = new DashboardBuilder(`voicegate: ${title}`)
    .uid(uidOf(name))
    .description(description)
    .tags([TAG])
    .refresh('30s')
    .timezone('browser')
    .time({ from: 'now-3h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([nodes(), trunks(), windows(), consoleUrl()])
    .links([
      new DashboardLinkBuilder('Boards')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
      builtLink({ title: 'Console', url: '${console}', targetBlank: true }),
    ])
    .annotation(starts())
  const board = builder.build()
  board.panels = placed(rows)
  numbered(board.panels)
  // The builder hides every link in a menu and cannot be told otherwise: without `placement` it is in sight.
  for (const link of linksOf(board)) delete link.placement
  return board
}

/** From left to right, in lines of 24 columns; each line as high as its highest panel. */
function placed(rows: readonly Row[]): (Panel | RowPanel)[] {
  const all: (Panel | RowPanel)[] = []
  let y = 0
  for (const { title, panels: plans, collapsed } of rows) {
    const header: RowPanel = { type: 'row', id: 0, title, collapsed, panels: [], gridPos: line(y) }
    const panels = plans.map(builtPanel)
    const below = inLines(panels, y + 1)
    all.push(header)
    if (collapsed) header.panels = panels
    else all.push(...panels)
    y = collapsed ? y + 1 : below
  }
  return all
}

const line = (y: number) => ({ x: 0, y, w: COLUMNS, h: 1 })

/** Returns the first free line below them. */
function inLines(panels: readonly Panel[], top: number): number {
  let [x, y, height] = [0, top, 0]
  for (const panel of panels) {
    const { w = 0, h = 0 } = panel.gridPos ?? {}
    if (x + w > COLUMNS) [x, y, height] = [0, y + height, 0]
    panel.gridPos = { x, y, w, h }
    x += w
    height = Math.max(height, h)
  }
  return y + height
}

function numbered(panels: readonly (Panel | RowPanel)[]): void {
  let id = 0
  for (const panel of panels) {
    panel.id = ++id
    if ('panels' in panel) for (const inside of panel.panels) inside.id = ++id
  }
}

function linksOf({ links = [], panels = [] }: ClassicBoard): DashboardLink[] {
  const all = panels.flatMap((panel) => ('panels' in panel ? [...panel.panels] : [panel]))
  return [
    ...links,
    ...all.flatMap((panel) => [
      ...(panel.links ?? []),
      ...(panel.fieldConfig?.defaults.links ?? []),
    ]),
  ]
}

const choice = (name: string, label: string, from: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    // The shape that Grafana itself saves.
    .query({ qryType: 1, query: from, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(from)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    // All there are, also one that has no calls yet and is not among the choices.
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] })

const nodes = (): QueryVariableBuilder =>
  choice('node', 'Node', 'label_values(up{job="voicegate"}, instance)')

const trunks = (): QueryVariableBuilder =>
  choice('trunk', 'Trunk', 'label_values(voicegate_calls_total{instance=~"$node"}, trunk)')

/** By itself a thirtieth of the time range, so that no call is left out between two points. */
const windows = (): IntervalVariableBuilder =>
  new IntervalVariableBuilder('window')
    .label('Ratios and percentiles over')
    .values('1m,5m,15m,1h,6h,1d')
    .auto(true)
    .stepCount(30)
    .minInterval('5m')
    // As Grafana names its own choice.
    .current({ selected: true, text: 'auto', value: '$__auto_interval_window' })

/** In sight, so that it can be changed; links from board to board take it along. */
const consoleUrl = (): TextBoxVariableBuilder =>
  new TextBoxVariableBuilder('console')
    .label('Console')
    .defaultValue(CONSOLE_URL)
    .current({ selected: true, text: CONSOLE_URL, value: CONSOLE_URL })

/** A line through every panel where a node began: what changed with it, changed by it. */
const starts = (): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name('Starts')
    .datasource(SOURCE)
    .enable(true)
    .iconColor('purple')
    .expr(
      'changes(process_start_time_seconds{job="voicegate",instance=~"$node"}[$__rate_interval]) > 0',
    )
    .titleFormat('voicegate began')
    .textFormat('{{instance}}')
