// The totals of the period.
import { Card, SimpleGrid, Text } from '@mantine/core'
import type { Counts } from '../../components/voximplant/shapes.ts'
import { duration, money, number, percent } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { answerRate, averageTalk } from './figures.ts'
import { useFigures } from './words.ts'

interface Tile {
  readonly title: string
  readonly figure: string
  readonly about?: string
}

export function Tiles({ totals }: { readonly totals: Counts }) {
  const tiles = useTiles(totals)
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      {tiles.map(({ title, figure, about }) => (
        <Card key={title} withBorder padding="sm">
          <Text size="sm" c="dimmed">
            {title}
          </Text>
          <Text fz={22} fw={600} lh={1.3} style={{ overflowWrap: 'anywhere' }}>
            {figure}
          </Text>
          {about !== undefined && (
            <Text size="xs" c="dimmed">
              {about}
            </Text>
          )}
        </Card>
      ))}
    </SimpleGrid>
  )
}

function useTiles(totals: Counts): readonly Tile[] {
  const say = useFigures()
  const common = useCommon()
  const { calls, live, answered, inbound, outbound, costs } = totals
  const rate = answerRate(totals)
  const talk = averageTalk(totals)
  const ofAnswered = (count: number): string =>
    say('of_answered', { share: answered === 0 ? '–' : percent(count / answered) })
  return [
    {
      title: say('calls'),
      figure: number(calls),
      about: [
        say('directions', { inbound: number(inbound), outbound: number(outbound) }),
        ...(live > 0 ? [say('live', { count: live })] : []),
      ].join(' · '),
    },
    {
      title: say('answer_rate'),
      figure: rate === null ? common('none') : percent(rate, 1),
      about: say('of_ended', { answered: number(answered), ended: number(calls - live) }),
    },
    {
      title: say('talk'),
      figure: talk === null ? common('none') : duration(talk),
      about: say('talk_sum', { time: duration(totals.talk_seconds) }),
    },
    {
      title: say('cost'),
      figure:
        costs.length === 0
          ? common('none')
          : costs.map(({ amount_minor: sum, currency }) => money(sum, currency)).join(' + '),
      about: say('cost_about'),
    },
    {
      title: say('transcripts'),
      figure: number(totals.with_transcript),
      about: ofAnswered(totals.with_transcript),
    },
    {
      title: say('recordings'),
      figure: number(totals.with_recording),
      about: ofAnswered(totals.with_recording),
    },
  ]
}
