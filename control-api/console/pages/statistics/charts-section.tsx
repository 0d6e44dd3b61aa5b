// The period as charts, day by day or week by week.
import { SimpleGrid, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { Loaded } from '../../components/loaded.tsx'
import { percent } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { ChartCard } from './charts/chart-card.tsx'
import {
  costChart,
  highest,
  minutesChart,
  outcomeChart,
  rateChart,
  type Saying,
} from './charts/chart-data.ts'
import classes from './charts/charts.module.css'
import { Patterns } from './charts/patterns.tsx'
import type { ChartData } from './charts/series.ts'
import { dayWords } from './day-words.ts'
import type { Period } from './period.ts'
import type { Statistics } from './use-statistics.ts'
import { useStatisticsWords } from './words.ts'

interface ChartsProps {
  readonly charted: UseQueryResult<Statistics>
  readonly period: Period
}

export function Charts({ charted, period }: ChartsProps) {
  const say = useStatisticsWords()
  return (
    <Stack gap="xs" component="section" className={classes['charts']}>
      <VisuallyHidden>
        <Title order={2}>{say('charts')}</Title>
      </VisuallyHidden>
      {period.charted.from_date !== period.from && (
        <Text size="xs" c="dimmed">
          {say('week_before', { to: dayWords(period.to) })}
        </Text>
      )}
      <Loaded query={charted}>{(statistics) => <Drawn statistics={statistics} />}</Loaded>
    </Stack>
  )
}

const WIDE_HEIGHT = 260

function Drawn({ statistics }: { readonly statistics: Statistics }) {
  const say = useStatisticsWords()
  const common = useCommon()
  const saying = { say, common }
  const { totals } = statistics
  const outcomes = outcomeChart(statistics, saying)
  const minutes = minutesChart(statistics, saying)
  const costs = costChart(statistics, saying)
  const rates = rateChart(statistics, saying)
  const isWeekly = statistics.group_by === 'week'
  const time = say(isWeekly ? 'week' : 'day')
  const titled = (title: string): string => say(isWeekly ? 'a_week' : 'a_day', { title })
  return (
    <>
      <Patterns series={[...outcomes.series, ...minutes.series]} />
      <ChartCard
        title={titled(say('outcome_chart'))}
        about={mostCalls(outcomes, statistics, saying)}
        time={time}
        data={outcomes}
        height={WIDE_HEIGHT}
      />
      <SimpleGrid cols={{ base: 1, lg: 3 }} spacing="sm">
        <ChartCard
          title={titled(say('rate_chart'))}
          about={rateSpan(rates, saying)}
          time={time}
          data={rates}
        />
        <ChartCard
          title={titled(say('minutes_chart'))}
          about={sumSpan(minutes, 'open', totals.agent_seconds / 60, saying)}
          time={time}
          data={minutes}
        />
        <ChartCard
          title={titled(say('cost_chart'))}
          about={sumSpan(costs, 'billed', totals.cost.amount_minor, saying)}
          time={time}
          data={costs}
        />
      </SimpleGrid>
    </>
  )
}

function mostCalls(data: ChartData, { totals }: Statistics, { say }: Saying): string {
  const most = highest(
    data,
    data.series.map(({ key }) => key),
  )
  return most === undefined
    ? ''
    : say('most_calls', {
        total: data.words(totals.calls - totals.live),
        day: most.point.title,
        value: data.words(most.value),
      })
}

function rateSpan({ points }: ChartData, { say }: Saying): string {
  const rates = points.flatMap(({ values: { rate } }) => (typeof rate === 'number' ? [rate] : []))
  return rates.length === 0
    ? say('no_rate')
    : say('rate_span', { least: percent(Math.min(...rates)), most: percent(Math.max(...rates)) })
}

/** @param sum exact: the days are rounded one by one */
function sumSpan(data: ChartData, key: string, sum: number, { say }: Saying): string {
  const most = highest(data, [key])
  return most === undefined
    ? ''
    : say('sum_span', {
        sum: data.words(sum),
        day: most.point.title,
        value: data.words(most.value),
      })
}
