// Lines, bars and heatmaps as SVG: axes, thresholds, and nothing between points that are too far apart.
import { colorOf, paletteColor, written } from './values.ts'
import { looksOf, type FieldLooks, type Panel } from './board-file.ts'
import type { Series, Times } from './answers.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

interface Plot extends Size {
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly times: Times
  readonly step: number
}

interface Scale {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

interface Drawn extends Series {
  readonly color: string
  readonly isOnTheRight: boolean
  readonly looks: ReturnType<typeof looksOf>
}

const TICK_GAP_PX = 34

export function drawnSeries(panel: Panel, series: readonly Series[]): readonly Drawn[] {
  return series.map((each, index) => {
    const looks = looksOf(panel, each.name)
    const { color } = looks as { readonly color?: { readonly fixedColor?: string } }
    return {
      ...each,
      looks,
      color: color?.fixedColor === undefined ? paletteColor(index) : colorOf(color.fixedColor),
      isOnTheRight: looks['custom.axisPlacement'] === 'right',
    }
  })
}

export function chart(
  panel: Panel,
  series: readonly Drawn[],
  { height, width }: Size,
  { step, times }: { readonly step: number; readonly times: Times },
): string {
  const looks: FieldLooks = panel.fieldConfig?.defaults ?? {}
  const hasRight = series.some(({ isOnTheRight }) => isOnTheRight)
  const plot = { width, height, left: 58, right: hasRight ? 52 : 10, bottom: 18, times, step }
  const stacking = looks.custom?.stacking?.mode ?? 'none'
  const shown = stacking === 'none' ? series : stackedUp(series, stacking === 'percent')
  const onTheLeft = shown.filter(({ isOnTheRight }) => !isOnTheRight)
  const onTheRight = shown.filter(({ isOnTheRight }) => isOnTheRight)
  const left = scaleOf(onTheLeft, stacking === 'percent' ? { min: 0, max: 1 } : looks, height)
  const right = scaleOf(onTheRight, { min: 0 }, height)
  const axis = stacking === 'percent' ? { unit: 'percentunit' } : looks
  const rightLooks = onTheRight[0]?.looks ?? {}
  return svg(plot, [
    ...grid(plot, left, (value) => written(value, axis), 'left'),
    ...(hasRight ? grid(plot, right, (value) => written(value, rightLooks), 'right') : []),
    ...timeAxis(plot),
    ...thresholds(plot, left, looks),
    ...shown.map((each) =>
      looks.custom?.drawStyle === 'bars'
        ? bars(plot, left, each)
        : line(plot, each.isOnTheRight ? right : left, each, looks),
    ),
  ])
}

const svg = ({ height, width }: Size, parts: readonly string[]): string =>
  `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${parts.join('')}</svg>`

const x = ({ left, right, times, width }: Plot, time: number): number =>
  left + ((time - times.from) / (times.to - times.from)) * (width - left - right)
const y = ({ bottom, height }: Plot, { high, low }: Scale, value: number): number =>
  6 + (1 - (value - low) / (high - low || 1)) * (height - bottom - 6)

function scaleOf(series: readonly Series[], { max, min }: FieldLooks, height: number): Scale {
  const values = series
    .flatMap(({ points }) => points.map(([, value]) => value))
    .filter(Number.isFinite)
  const low = min ?? Math.min(0, ...values)
  const highest = Math.max(...values, low)
  // Of nothing but zeros an axis of its own: as Grafana has it.
  const most = max ?? (highest === low ? low + 1 : highest)
  const raw = (most - low || 1) / Math.max(2, height / TICK_GAP_PX)
  const size = [1, 2, 2.5, 5, 10].map((each) => each * 10 ** Math.floor(Math.log10(raw)))
  const tick = size.find((each) => each >= raw) ?? raw
  const high = max ?? Math.max(Math.ceil(most / tick) * tick, low + tick)
  const count = Math.round((high - low) / tick)
  return { low, high, ticks: Array.from({ length: count + 1 }, (_, index) => low + index * tick) }
}

function grid(
  plot: Plot,
  scale: Scale,
  write: (value: number) => string,
  side: 'left' | 'right',
): readonly string[] {
  const at = side === 'left' ? plot.left - 6 : plot.width - plot.right + 6
  const anchor = side === 'left' ? 'end' : 'start'
  const texts = scale.ticks.map(write)
  return scale.ticks.map((value, index) => {
    // Rounded to the same, or in words between two others: it would say nothing.
    const text = texts.indexOf(texts[index] ?? '') === index ? (texts[index] ?? '') : ''
    const height = y(plot, scale, value).toFixed(1)
    const across = `<line class="grid" x1="${plot.left}" x2="${plot.width - plot.right}" y1="${height}" y2="${height}"/>`
    return `${side === 'left' ? across : ''}<text x="${at}" y="${height}" dy="4" text-anchor="${anchor}">${escaped(text)}</text>`
  })
}

const TIME_STEPS = [
  15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
]

function timeAxis(plot: Plot): readonly string[] {
  const { from, to } = plot.times
  const most = (plot.width - plot.left) / 64
  const step = TIME_STEPS.find((each) => (to - from) / each <= most) ?? 86_400
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => {
    const time = first + index * step
    const text = new Date(time * 1000).toISOString().slice(11, step < 60 ? 19 : 16)
    return `<text x="${x(plot, time).toFixed(1)}" y="${plot.height - 4}" text-anchor="middle">${text}</text>`
  })
}

function thresholds(plot: Plot, scale: Scale, looks: FieldLooks): readonly string[] {
  if (looks.custom?.thresholdsStyle?.mode !== 'dashed') return []
  return (looks.thresholds?.steps ?? []).flatMap(({ color, value }) => {
    if (value === null || value > scale.high) return []
    const height = y(plot, scale, value).toFixed(1)
    return `<line stroke="${colorOf(color)}" stroke-dasharray="6 5" x1="${plot.left}" x2="${plot.width - plot.right}" y1="${height}" y2="${height}"/>`
  })
}

/** Points further apart than this are two lines: between them nothing is known. */
const isGap = ({ step }: Plot, from: number, to: number): boolean => to - from > step * 1.5

function line(plot: Plot, scale: Scale, { color, looks, points }: Drawn, all: FieldLooks): string {
  const isStepped = all.custom?.lineInterpolation === 'stepAfter'
  const known = points.filter(([, value]) => Number.isFinite(value))
  const begins = known.map(
    ([time], index) => index === 0 || isGap(plot, known[index - 1]?.[0] ?? time, time),
  )
  const places = known.map(([time, value]) => [x(plot, time), y(plot, scale, value)] as const)
  const path = places.map(([left, top], index) => {
    const place = `${left.toFixed(1)} ${top.toFixed(1)}`
    if (begins[index] === true) return `M${place}`
    return isStepped ? `H${left.toFixed(1)}L${place}` : `L${place}`
  })
  // A point without neighbours is no line.
  const dots = places.flatMap(([left, top], index) =>
    begins[index] === true && begins[index + 1] !== false
      ? `<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="2.5" fill="${color}"/>`
      : [],
  )
  const style = looks['custom.lineStyle'] as { readonly fill?: string } | undefined
  const dash = style?.fill === 'dash' ? ' stroke-dasharray="6 5"' : ''
  return `<path d="${path.join('')}" fill="none" stroke="${color}" stroke-width="1.5"${dash}/>${dots.join('')}`
}

function bars(plot: Plot, scale: Scale, { color, points }: Drawn): string {
  const width = Math.max(1, x(plot, plot.times.from + plot.step) - plot.left - 1)
  return points
    .map(([time, top], index) => {
      const bottom = basesOf.get(points)?.[index] ?? 0
      if (!Number.isFinite(top) || top <= bottom) return ''
      const [from, to] = [y(plot, scale, top), y(plot, scale, bottom)]
      const middle = Math.max(plot.left, x(plot, time) - width / 2)
      const end = Math.min(plot.width - plot.right, x(plot, time) + width / 2)
      return `<rect x="${middle.toFixed(1)}" width="${Math.max(0, end - middle).toFixed(1)}" y="${from.toFixed(1)}" height="${(to - from).toFixed(1)}" fill="${color}" fill-opacity=".75"/>`
    })
    .join('')
}

/** Where the bars of stacked points begin. */
const basesOf = new WeakMap<Series['points'], readonly number[]>()

function stackedUp(series: readonly Drawn[], asShare: boolean): readonly Drawn[] {
  const sums = new Map<number, number>()
  if (asShare)
    for (const [time, value] of series.flatMap(({ points }) => points))
      sums.set(time, (sums.get(time) ?? 0) + (Number.isFinite(value) ? value : 0))
  const heights = new Map<number, number>()
  return series.map((each) => {
    const bases: number[] = []
    const points = each.points.map(([time, value]) => {
      const base = heights.get(time) ?? 0
      const top = base + (Number.isFinite(value) ? value / (asShare ? sums.get(time) || 1 : 1) : 0)
      bases.push(base)
      heights.set(time, top)
      return [time, top] as const
    })
    basesOf.set(points, bases)
    return { ...each, points }
  })
}

/** Cumulative buckets by `le`: each cell is what is in one bucket alone. */
export function heatmap(
  panel: Panel,
  series: readonly Series[],
  { height, width }: Size,
  { step, times }: { readonly step: number; readonly times: Times },
): string {
  const plot = { width, height, left: 64, right: 10, bottom: 18, times, step }
  const bound = ({ labels }: Series): number =>
    Number((labels['le'] ?? '').replace('+Inf', 'Infinity'))
  const rows = series.toSorted((one, other) => bound(one) - bound(other))
  const rowHeight = (height - plot.bottom - 6) / Math.max(1, rows.length)
  const below = new Map<number, number>()
  const cells = rows.flatMap((row, index) =>
    row.points.map(([time, value]) => {
      const inside = Math.max(0, value - (below.get(time) ?? 0))
      below.set(time, value)
      return { time, index, inside }
    }),
  )
  const most = Math.max(...cells.map(({ inside }) => inside), 1e-9)
  const cellWidth = Math.max(1, x(plot, times.from + step) - plot.left)
  const top = (index: number): number => 6 + (rows.length - 1 - index) * rowHeight
  const every = Math.ceil(14 / rowHeight)
  const looks = panel.fieldConfig?.defaults ?? {}
  return svg(plot, [
    ...cells.flatMap(({ index, inside, time }) =>
      inside < 1e-6
        ? []
        : `<rect x="${Math.max(plot.left, x(plot, time) - cellWidth).toFixed(1)}" y="${top(index).toFixed(1)}" width="${cellWidth.toFixed(1)}" height="${(rowHeight - 1).toFixed(1)}" fill="#ff9830" fill-opacity="${(0.15 + 0.85 * Math.sqrt(inside / most)).toFixed(2)}"/>`,
    ),
    ...rows.map((row, index) =>
      index % every === 0
        ? `<text x="${plot.left - 6}" y="${(top(index) + rowHeight / 2).toFixed(1)}" dy="4" text-anchor="end">${escaped(Number.isFinite(bound(row)) ? written(bound(row), looks) : 'more')}</text>`
        : '',
    ),
    ...timeAxis(plot),
  ])
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
