// The kinds of panels, each said in one word.
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Link } from './links.ts'

export interface Query {
  readonly expression: string
  /** The name of each of its series, with labels as `{{trunk}}`. */
  readonly legend: string
}
export const query = (expression: string, legend = ''): Query => ({ expression, legend })

export interface Step {
  readonly from: number | null
  readonly color: string
}

/** What every panel says. */
export interface Words {
  readonly title: string
  /** What it shows, what is good, and what to do when it is not. */
  readonly description: string
  readonly unit: string
  /** Of 24 columns. */
  readonly width: number
  readonly decimals?: number
  readonly steps?: readonly Step[]
  readonly links?: readonly Link[]
  readonly noValue?: string
}

export interface NumberPanel extends Words {
  readonly kind: 'number'
  readonly queries: readonly Query[]
  readonly meanings?: ValueMapping
  /** What is written large: the value, or the legend. */
  readonly shown?: 'value' | 'name' | 'both'
  readonly background?: boolean
}
export interface LinesPanel extends Words {
  readonly kind: 'lines'
  readonly queries: readonly Query[]
  /** Figures that add up to a whole. */
  readonly stacked?: 'sum' | 'percent'
  /** How far apart points are at least. */
  readonly interval?: string
  /** States, as the legend names them: no slopes between them, and no axis. */
  readonly stepped?: boolean
  readonly min?: number
  readonly max?: number
  /** How far the axis goes at least: thresholds of a small share would lie on the zero line. */
  readonly softMax?: number
  /** Series, by a pattern of their names, on an axis of their own. */
  readonly onTheRight?: { readonly pattern: string; readonly unit: string }
  /** Limits, by a pattern of their names. */
  readonly dashed?: string
  readonly meanings?: ValueMapping
  readonly colors?: Readonly<Record<string, string>>
  /** Where a click on a series leads. */
  readonly seriesLinks?: readonly Link[]
}
export interface HeatmapPanel extends Words {
  readonly kind: 'heatmap'
  readonly query: Query
  readonly interval?: string
}
export interface Column {
  /** As the table has it: a label, or `Value #A` of the first query. */
  readonly field: string
  readonly title: string
  readonly unit?: string
  readonly decimals?: number
  readonly steps?: readonly Step[]
  readonly meanings?: ValueMapping
  readonly links?: readonly Link[]
}
export interface TablePanel extends Words {
  readonly kind: 'table'
  readonly queries: readonly string[]
  readonly columns: readonly Column[]
  readonly height?: number
  readonly sortBy?: { readonly title: string; readonly descending: boolean }
}
export type PanelPlan = NumberPanel | LinesPanel | HeatmapPanel | TablePanel

type Said<Plan> = Omit<Plan, 'kind'>
export const number = (said: Said<NumberPanel>): NumberPanel => ({ kind: 'number', ...said })
export const lines = (said: Said<LinesPanel>): LinesPanel => ({ kind: 'lines', ...said })
export const heatmap = (said: Said<HeatmapPanel>): HeatmapPanel => ({ kind: 'heatmap', ...said })
export const table = (said: Said<TablePanel>): TablePanel => ({ kind: 'table', ...said })

/** Good below, then worth a look, then bad. */
export const above = (look: number, bad: number): readonly Step[] => [
  { from: null, color: 'green' },
  { from: look, color: 'orange' },
  { from: bad, color: 'red' },
]
/** Bad below, then worth a look, then good. */
export const below = (bad: number, look: number): readonly Step[] => [
  { from: null, color: 'red' },
  { from: bad, color: 'orange' },
  { from: look, color: 'green' },
]
/** One is one too many. */
export const NONE: readonly Step[] = [
  { from: null, color: 'green' },
  // Less than one: increase() over a time with few scrapes in it makes parts of whole numbers.
  { from: 0.1, color: 'red' },
]
