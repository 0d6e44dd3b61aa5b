// The period as charts, day by day or week by week.
import { SimpleGrid, Stack, Title, VisuallyHidden } from '@mantine/core'
import type { Statistics } from '../../components/voximplant/shapes.ts'
import { money, number } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { ChartCard } from '../statistics/charts/chart-card.tsx'
import { highest } from '../statistics/charts/chart-data.ts'
import classes from '../statistics/charts/charts.module.css'
import { Patterns } from '../statistics/charts/patterns.tsx'
import type { ChartData } from '../statistics/charts/series.ts'
import { useStatisticsWords } from '../statistics/words.ts'
import { costChart, minutes, outcomeChart, talkChart } from './figure-charts.ts'
import { stretchesOf } from './stretches.ts'
import { useFigures } from './words.ts'

interface ChartsProps {
  readonly statistics: Statistics
  readonly by: 'day' | 'week'
}

export function Charts({ statistics, by }: ChartsProps) {
  const say = useFigures()
  const common = useCommon()
  const all = useStatisticsWords()
  const { items, totals } = statistics
  const stretches = stretchesOf(items, by)
  const outcomes = outcomeChart(stretches, common)
  const time = all(by)
  const titled = (title: string): string => all(by === 'week' ? 'a_week' : 'a_day', { title })
  const span = (data: ChartData, sum: string): string => {
    const most = highest(
      data,
      data.series.map(({ key }) => key),
    )
    return most === undefined
      ? ''
      : say('most', { sum, day: most.point.title, value: data.words(most.value) })
  }
  const talk = talkChart(stretches, say('talk_minutes'))
  const costs = totals.costs.map(({ currency, amount_minor: sum }) => {
    const name = say('cost_in', { currency })
    const data = costChart(stretches, currency, name)
    return { key: currency, title: name, data, about: span(data, money(sum, currency)) }
  })
  return (
    <Stack gap="xs" component="section" className={classes['charts']}>
      <VisuallyHidden>
        <Title order={2}>{all('charts')}</Title>
      </VisuallyHidden>
      <Patterns series={outcomes.series} />
      <ChartCard
        title={titled(say('by_outcome'))}
        about={span(outcomes, number(totals.calls - totals.live))}
        time={time}
        data={outcomes}
        height={260}
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
        <ChartCard
          title={titled(say('talk_minutes'))}
          about={span(talk, minutes(totals.talk_seconds / 60))}
          time={time}
          data={talk}
        />
        {costs.map(({ key, title, data, about }) => (
          <ChartCard key={key} title={titled(title)} about={about} time={time} data={data} />
        ))}
      </SimpleGrid>
    </Stack>
  )
}
