// Bars and lines over time. Nothing moves; arrow keys go from point to point and say what they show.
import { Paper, Stack, Text } from '@mantine/core'
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from 'recharts'
import classes from './charts.module.css'
import { Swatch } from './patterns.tsx'
import { paintOf, type ChartData, type Point, type Series } from './series.ts'

interface PlotProps {
  readonly data: ChartData
  readonly title: string
  readonly about: string
  readonly height: number
}

const TICK = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' }
/** `$1,200`, `10 000`. */
const AXIS_WIDTH = 54
const WIDEST_BAR = 36

export default function Plot({ data, title, about, height }: PlotProps) {
  const { series, points, axisWords, domain, isCount = false } = data
  return (
    <div className={classes['plot']}>
      <ResponsiveContainer width="100%" height={height}>
        <ComposedChart
          data={[...points]}
          accessibilityLayer
          title={title}
          desc={about}
          margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
        >
          <CartesianGrid vertical={false} stroke="var(--chart-line)" />
          <XAxis
            dataKey={(point: Point) => point.label}
            tick={TICK}
            tickLine={false}
            axisLine={{ stroke: 'var(--chart-line)' }}
            minTickGap={16}
          />
          <YAxis
            tick={TICK}
            tickLine={false}
            axisLine={false}
            width={AXIS_WIDTH}
            tickFormatter={axisWords}
            allowDecimals={!isCount}
            tickCount={5}
            {...(domain === undefined ? {} : { domain: [...domain] })}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--chart-line)', fillOpacity: 0.5, stroke: 'var(--chart-line)' }}
            content={(shown) => <Tip shown={shown} data={data} />}
          />
          {series.map(drawn)}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  )
}

function drawn(one: Series) {
  const { key, name, kind, color, isStacked, isDashed } = one
  const value = ({ values }: Point): number | null => values[key] ?? null
  return kind === 'bar' ? (
    <Bar
      key={key}
      name={name}
      dataKey={value}
      fill={paintOf(one)}
      stroke="var(--chart-ground)"
      strokeWidth={0.75}
      maxBarSize={WIDEST_BAR}
      isAnimationActive={false}
      {...(isStacked ? { stackId: 'stack' } : {})}
    />
  ) : (
    <Line
      key={key}
      name={name}
      dataKey={value}
      stroke={`var(--chart-${color})`}
      strokeWidth={2}
      dot={{ r: 2.5, fill: `var(--chart-${color})`, strokeDasharray: '0' }}
      isAnimationActive={false}
      {...(isDashed ? { strokeDasharray: '5 3' } : {})}
    />
  )
}

interface TipProps {
  readonly shown: TooltipContentProps
  readonly data: ChartData
}

function Tip({ shown: { active, payload }, data: { series, words } }: TipProps) {
  const point = (payload[0]?.payload ?? undefined) as Point | undefined
  if (!active || point === undefined) return null
  return (
    <Paper withBorder shadow="sm" p="xs" className={classes['tip']}>
      <Text inherit fw={600}>
        {point.title}
      </Text>
      <Stack gap={2}>
        {series.map((one) => {
          const value = point.values[one.key]
          return typeof value === 'number' && (value !== 0 || !one.isStacked) ? (
            <Text inherit key={one.key}>
              <Swatch series={one} /> {one.name}: <b>{words(value)}</b>
            </Text>
          ) : null
        })}
      </Stack>
    </Paper>
  )
}
