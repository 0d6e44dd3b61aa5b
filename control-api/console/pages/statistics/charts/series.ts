// What a chart draws: one value a series and day, each told apart by colour and by how it is filled.

/** How a surface is filled; 'none' of lines alone. */
export type Fill = 'solid' | 'rising' | 'falling' | 'dots' | 'upright' | 'level' | 'crossed'

export interface Series {
  readonly key: string
  readonly name: string
  readonly kind: 'bar' | 'line'
  /** A variable of charts.module.css. */
  readonly color: string
  readonly fill: Fill
  /** Bars of one chart that stand on one another. */
  readonly isStacked?: boolean
  /** For lines: told apart from another one. */
  readonly isDashed?: boolean
}

export interface Point {
  /** On the axis. */
  readonly label: string
  /** In full. */
  readonly title: string
  readonly values: Readonly<Record<string, number | null>>
}

export interface ChartData {
  readonly series: readonly Series[]
  readonly points: readonly Point[]
  readonly words: (value: number) => string
  /** On the axis, where that is shorter. */
  readonly axisWords: (value: number) => string
  readonly domain?: readonly [number, number]
  /** Whole ones alone on the axis. */
  readonly isCount?: boolean
}

/** Of the surface; patterns are defined once a page (patterns.tsx). */
export const paintOf = ({ color, fill }: Series): string =>
  fill === 'solid' ? `var(--chart-${color})` : `url(#${patternId(color, fill)})`

export const patternId = (color: string, fill: Fill): string => `chart-${color}-${fill}`
