// Today in five figures, beside yesterday and the week.
import { SimpleGrid, Text } from '@mantine/core'
import { Loaded } from '../../components/loaded.tsx'
import { duration, money, number, percent } from '../../words/amounts.ts'
import { useCommon, type SayCommon } from '../../words/common.ts'
import { averageOf, figureOf, type Day, type Figure } from './days.ts'
import { Section } from './section.tsx'
import { Sparkline } from './sparkline.tsx'
import type { useDays } from './use-days.ts'
import { useOverview, type SayOverview } from './words.ts'

type Days = ReturnType<typeof useDays>

export function TodaySection({ current, past }: Days) {
  const say = useOverview()
  return (
    <Section title={say('today')} more={{ href: '/calls?range=today', label: say('all_today') }}>
      <Loaded query={current}>
        {({ items }) => <Figures today={items.at(-1)} past={past.data?.items ?? []} />}
      </Loaded>
      {past.error !== null && <Loaded query={past}>{() => null}</Loaded>}
    </Section>
  )
}

interface FiguresProps {
  readonly today: Day | undefined
  readonly past: readonly Day[]
}

function Figures({ today, past }: FiguresProps) {
  const say = useOverview()
  const common = useCommon()
  if (today === undefined) return null
  const last = past.at(-1)
  const yesterday = last && figureOf(last)
  const average = averageOf(past)
  const figure = figureOf(today)
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="md">
        {tilesOf(say, common).map(({ title, value }) => (
          <div key={title}>
            <Text size="sm" c="dimmed">
              {title}
            </Text>
            <Text fz={24} fw={600} lh={1.3}>
              {value(figure)}
            </Text>
            <Text size="xs" c="dimmed">
              {yesterday && say('yesterday', { value: value(yesterday) })}
            </Text>
            <Text size="xs" c="dimmed">
              {average && say('average', { count: average.days, value: value(average.figure) })}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Sparkline days={[...past, today]} />
      <Text size="xs" c="dimmed">
        {say('thirty_days', {
          most: number(Math.max(...[...past, today].map(({ calls }) => calls))),
        })}
        {'. '}
        {say('whole_days')}
      </Text>
    </>
  )
}

interface Tile {
  readonly title: string
  readonly value: (figure: Figure) => string
}

const tilesOf = (say: SayOverview, common: SayCommon): readonly Tile[] => [
  { title: say('calls'), value: ({ calls }) => number(calls, calls < 10 ? 1 : 0) },
  {
    title: say('answer_rate'),
    value: ({ answerRate }) => (answerRate === null ? common('unknown') : percent(answerRate)),
  },
  { title: say('talk'), value: ({ talkSeconds }) => duration(talkSeconds) },
  { title: say('agent_time'), value: ({ agentSeconds }) => duration(agentSeconds) },
  { title: say('cost'), value: ({ costMinor }) => money(costMinor) },
]
