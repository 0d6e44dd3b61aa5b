// The totals of a period, each beside the same of the period before.
import type { ReactNode } from 'react'
import { Card, SimpleGrid, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { Failure } from '../../components/failure.tsx'
import { duration, money, number, percent } from '../../words/amounts.ts'
import { locale } from '../../words/language.ts'
import { useCommon, type SayCommon } from '../../words/common.ts'
import { changeOf, type Change } from './compare.ts'
import { dayWords } from './day-words.ts'
import { writtenDay, type Period } from './period.ts'
import type { Statistics, Tally } from './use-statistics.ts'
import { useStatisticsWords, type SayStatistics } from './words.ts'

interface TilesProps {
  readonly totals: Tally
  readonly before: UseQueryResult<Statistics>
  readonly period: Period
}

export function Tiles({ totals, before, period }: TilesProps) {
  const say = useStatisticsWords()
  const common = useCommon()
  const earlier = before.isPlaceholderData ? undefined : before.data?.totals
  return (
    <Stack gap="xs" component="section">
      <VisuallyHidden>
        <Title order={2}>{say('totals')}</Title>
      </VisuallyHidden>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="sm">
        {tilesOf(say).map((tile) => (
          <Card key={tile.title} withBorder padding="sm">
            <Text size="sm" c="dimmed">
              {tile.title}
            </Text>
            <Text fz={24} fw={600} lh={1.3}>
              {shown(tile, totals, common)}
            </Text>
            <Compared tile={tile} totals={totals} earlier={earlier} />
            {tile.about && (
              <Text size="xs" c="dimmed" mt={4}>
                {tile.about(totals)}
              </Text>
            )}
          </Card>
        ))}
      </SimpleGrid>
      {before.error === null ? (
        <Text size="xs" c="dimmed">
          {comparedWords(period, say)}
        </Text>
      ) : (
        <Failure error={before.error} retry={() => void before.refetch()} />
      )}
    </Stack>
  )
}

const comparedWords = ({ before, goesOn }: Period, say: SayStatistics): string =>
  say(goesOn ? 'compared_so_far' : 'compared', {
    from: dayWords(before.from_date),
    to: dayWords(goesOn ? writtenDay(new Date(before.to_date)) : before.to_date),
  })

interface Tile {
  readonly title: string
  /** Null: there is none. */
  readonly figure: (tally: Tally) => number | null
  readonly words: (figure: number) => string
  readonly compares?: 'points'
  readonly about?: (tally: Tally) => ReactNode
}

const shown = ({ figure, words }: Tile, tally: Tally, common: SayCommon): string => {
  const value = figure(tally)
  return value === null ? common('none') : words(value)
}

interface ComparedProps {
  readonly tile: Tile
  readonly totals: Tally
  readonly earlier: Tally | undefined
}

function Compared({ tile, totals, earlier }: ComparedProps) {
  const say = useStatisticsWords()
  const common = useCommon()
  // The line is there from the beginning: nothing jumps.
  if (earlier === undefined) return <Text size="xs">&nbsp;</Text>
  const { figure, compares = 'share' } = tile
  const change = changeOf(figure(totals), figure(earlier), compares)
  return (
    <Text size="xs">
      {change !== null && (
        <Text span inherit fw={600}>
          {changeWords(change, say)}
          {' · '}
        </Text>
      )}
      <Text span inherit c="dimmed">
        {say('before', { value: shown(tile, earlier, common) })}
      </Text>
    </Text>
  )
}

function changeWords(change: NonNullable<Change>, say: SayStatistics): string {
  switch (change.kind) {
    case 'same':
      return say('same')
    case 'share':
      return signed(change.by, { style: 'percent', maximumFractionDigits: 0 })
    case 'points':
      return say('points', { value: signed(change.by * 100, { maximumFractionDigits: 1 }) })
    default:
      return change satisfies never
  }
}

const signed = (value: number, how: Intl.NumberFormatOptions): string =>
  value.toLocaleString(locale(), { ...how, signDisplay: 'exceptZero' })

const tilesOf = (say: SayStatistics): readonly Tile[] => [
  {
    title: say('calls'),
    figure: ({ calls }) => calls,
    words: number,
    about: ({ live }) => live > 0 && say('calls_live', { count: live }),
  },
  {
    title: say('answer_rate'),
    figure: ({ answer_rate: rate }) => rate,
    words: (rate) => percent(rate, 1),
    compares: 'points',
    about: ({ answered, calls, live }) =>
      say('of_ended', { answered: number(answered), ended: number(calls - live) }),
  },
  {
    title: say('ringing'),
    figure: ({ ring_seconds: seconds }) => seconds.average,
    words: duration,
  },
  {
    title: say('talking'),
    figure: ({ talk_seconds: seconds }) => seconds.average,
    words: duration,
    about: ({ talk_seconds: { sum } }) => say('talk_sum', { time: duration(sum) }),
  },
  {
    title: say('agent_time'),
    figure: ({ agent_seconds: seconds }) => seconds,
    words: duration,
  },
  {
    title: say('cost'),
    figure: ({ cost }) => cost.amount_minor,
    words: money,
    about: ({ cost, answered }) =>
      cost.vendor_calls === 0
        ? say('counted_what')
        : say('told_by_vendor', { told: number(cost.vendor_calls), answered: number(answered) }),
  },
  {
    title: say('counted'),
    figure: ({ cost }) => cost.counted_minor,
    words: money,
    about: () => say('counted_what'),
  },
  {
    title: say('guard'),
    figure: ({ guard }) => guard.amount_minor,
    words: money,
    about: ({ guard }) => say('guard_what', { time: duration(guard.seconds_avoided) }),
  },
]
