// Panels as Grafana has them, with the looks they share.
import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import {
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { builtLink } from './links.ts'
import {
  query,
  type Column,
  type HeatmapPanel,
  type LinesPanel,
  type NumberPanel,
  type PanelPlan,
  type Query,
  type Step,
  type TablePanel,
  type Words,
} from './panels.ts'

/** The uid in provisioning/datasources. */
export const SOURCE = { type: 'prometheus', uid: 'prometheus' }

/** Neither good nor bad by itself. */
const PLAIN: readonly Step[] = [{ from: null, color: 'blue' }]

const NUMBER_HEIGHT = 4
const LINES_HEIGHT = 8

export function builtPanel(plan: PanelPlan): Panel {
  switch (plan.kind) {
    case 'number':
      return builtNumber(plan)
    case 'lines':
      return builtLines(plan)
    case 'heatmap':
      return builtHeatmap(plan)
    case 'table':
      return builtTable(plan)
  }
}

interface AnyBuilder {
  title(title: string): this
  description(description: string): this
  datasource(source: typeof SOURCE): this
  unit(unit: string): this
  span(width: number): this
  decimals(decimals: number): this
  noValue(text: string): this
  thresholds(steps: ThresholdsConfigBuilder): this
  links(links: ReturnType<typeof builtLink>[]): this
}

function worded<Builder extends AnyBuilder>(builder: Builder, words: Words): Builder {
  builder
    .title(words.title)
    .description(words.description)
    .datasource(SOURCE)
    .unit(words.unit)
    .span(words.width)
    .thresholds(thresholds(words.steps ?? PLAIN))
  if (words.decimals !== undefined) builder.decimals(words.decimals)
  if (words.noValue !== undefined) builder.noValue(words.noValue)
  if (words.links !== undefined) builder.links(words.links.map(builtLink))
  return builder
}

const thresholds = (steps: readonly Step[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(({ from, color }) => ({ value: from, color })))

/** A, B, C … as Grafana names queries. */
const letter = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index)

const target = ({ expression, legend }: Query, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .refId(letter(index))
    .datasource(SOURCE)
    .expr(expression)
    .legendFormat(legend)

const TEXT = {
  value: common.BigValueTextMode.Value,
  name: common.BigValueTextMode.Name,
  both: common.BigValueTextMode.ValueAndName,
}

/** The newest value: over the whole range where the expression asks for it, else now. */
function builtNumber(plan: NumberPanel): Panel {
  const builder = worded(new StatBuilder(), plan)
    .height(NUMBER_HEIGHT)
    .textMode(TEXT[plan.shown ?? (plan.queries.length > 1 ? 'both' : 'value')])
    .colorMode(
      plan.background === true
        ? common.BigValueColorMode.Background
        : common.BigValueColorMode.Value,
    )
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .targets(plan.queries.map((each, index) => target(each, index).instant()))
  if (plan.meanings !== undefined) builder.mappings([plan.meanings])
  return builder.build()
}

function builtLines(plan: LinesPanel): Panel {
  const builder = worded(new TimeseriesBuilder(), plan)
    .height(LINES_HEIGHT)
    .min(plan.min ?? 0)
    .lineWidth(1)
    .fillOpacity(plan.stacked === undefined ? 8 : 60)
    .showPoints(common.VisibilityMode.Auto)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max'])
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    )
    .targets(plan.queries.map((each, index) => target(each, index).range()))
  if (plan.steps !== undefined) builder.thresholdsStyle(DASHED)
  if (plan.stacked !== undefined) stack(builder, plan.stacked)
  if (plan.interval !== undefined) builder.interval(plan.interval)
  if (plan.stepped === true)
    builder
      .lineInterpolation(common.LineInterpolation.StepAfter)
      .axisPlacement(common.AxisPlacement.Hidden)
  if (plan.max !== undefined) builder.max(plan.max)
  if (plan.softMax !== undefined) builder.axisSoftMax(plan.softMax)
  if (plan.meanings !== undefined) builder.mappings([plan.meanings])
  if (plan.seriesLinks !== undefined) builder.dataLinks(plan.seriesLinks.map(builtLink))
  if (plan.dashed !== undefined) builder.overrideByRegexp(plan.dashed, DASHED_LINE)
  if (plan.onTheRight !== undefined)
    builder.overrideByRegexp(plan.onTheRight.pattern, [
      { id: 'unit', value: plan.onTheRight.unit },
      { id: 'custom.axisPlacement', value: 'right' },
    ])
  for (const [name, color] of Object.entries(plan.colors ?? {}))
    builder.overrideByRegexp(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }])
  return builder.build()
}

const DASHED_LINE: DynamicConfigValue[] = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
  { id: 'custom.fillOpacity', value: 0 },
]
const DASHED = new common.GraphThresholdsStyleConfigBuilder().mode(
  common.GraphThresholdsStyleMode.Dashed,
)

/** Bars: what happened between two points, and nothing between them. */
const stack = (builder: TimeseriesBuilder, how: 'sum' | 'percent'): TimeseriesBuilder =>
  builder
    .drawStyle(common.GraphDrawStyle.Bars)
    .stacking(
      new common.StackingConfigBuilder().mode(
        how === 'sum' ? common.StackingMode.Normal : common.StackingMode.Percent,
      ),
    )

function builtHeatmap(plan: HeatmapPanel): Panel {
  const builder = worded(new HeatmapBuilder(), plan)
    .height(LINES_HEIGHT)
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit(plan.unit))
    .color(new HeatmapColorOptionsBuilder().scheme('Oranges').steps(64))
    .targets([target(plan.query, 0).range().format(PromQueryFormat.Heatmap)])
  if (plan.interval !== undefined) builder.interval(plan.interval)
  return builder.build()
}

/** The queries side by side: rows whose labels are the same are one. */
function builtTable(plan: TablePanel): Panel {
  const builder = worded(new TableBuilder(), plan)
    .height(plan.height ?? LINES_HEIGHT)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .targets(
      plan.queries.map((expression, index) =>
        target(query(expression), index).instant().format(PromQueryFormat.Table),
      ),
    )
    .transformations([{ id: 'merge', options: {} }, organized(plan.columns)])
  for (const column of plan.columns) builder.overrideByName(column.title, propertiesOf(column))
  if (plan.sortBy !== undefined) {
    const { title, descending } = plan.sortBy
    builder.sortBy([new common.TableSortByFieldStateBuilder().displayName(title).desc(descending)])
  }
  return builder.build()
}

/** Only the columns that are named, in their order. */
const organized = (columns: readonly Column[]) => ({
  id: 'organize',
  options: {
    includeByName: Object.fromEntries(columns.map(({ field }) => [field, true])),
    indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
    renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
  },
})

function propertiesOf({ unit, decimals, steps, meanings, links }: Column): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = []
  if (unit !== undefined) properties.push({ id: 'unit', value: unit })
  if (decimals !== undefined) properties.push({ id: 'decimals', value: decimals })
  if (meanings !== undefined) properties.push({ id: 'mappings', value: [meanings] })
  if (steps !== undefined)
    properties.push(
      { id: 'thresholds', value: thresholds(steps).build() },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    )
  if (links !== undefined) properties.push({ id: 'links', value: links })
  return properties
}
