// How the audio fared in both directions, and whose the silences were.
import { Badge, Card, Group, Stack, Table, Text, Title } from '@mantine/core'
import type { Silence, TimelineItem } from '../axis/axis-data.ts'
import { duration, number, percent } from '../../../words/amounts.ts'
import type { Call } from '../head/ending.ts'
import { Fact, Facts } from '../head/fact.tsx'
import {
  gradeOf,
  lossShare,
  qualityOf,
  silencesByCause,
  type Direction,
  type Quality,
} from './quality.ts'
import { useQualityWords } from './words.ts'

interface QualityCardProps {
  readonly call: Call
  readonly items: readonly TimelineItem[]
  readonly silences: readonly Silence[]
}

const COLORS = { good: 'teal', fair: 'yellow', poor: 'red' } as const

export function QualityCard({ call, items, silences }: QualityCardProps) {
  const say = useQualityWords()
  const quality = qualityOf(items)
  return (
    <Card withBorder component="section" aria-labelledby="quality-title">
      <Stack gap="sm">
        <Title order={2} size="h5" id="quality-title">
          {say('title')}
        </Title>
        {quality === null ? (
          <Text size="sm" c="dimmed">
            {say(
              call.status !== 'ended' ? 'not_yet' : call.answered_at === null ? 'none' : 'not_told',
            )}
          </Text>
        ) : (
          <Figures quality={quality} />
        )}
        <Silences
          silences={silences}
          isTold={call.answered_at !== null && call.provider === 'sip'}
        />
      </Stack>
    </Card>
  )
}

function Figures({ quality }: { readonly quality: Quality }) {
  const say = useQualityWords()
  const { received, sent, roundTripMs, concealedMs, underruns, packetsRejected } = quality
  const orUnknown = (value: number | null, show: (known: number) => string): string =>
    value === null ? say('not_reported') : show(value)
  const rows = [
    { name: say('mos'), hint: say('mos_hint'), show: (one: Direction) => <Mos mos={one.mos} /> },
    {
      name: say('loss'),
      show: (one: Direction, way: 'received' | 'sent') =>
        orUnknown(lossShare(one, way), (share) =>
          say('loss_words', { share: percent(share, 1), count: number(one.lost ?? 0) }),
        ),
    },
    {
      name: say('jitter'),
      show: (one: Direction) => orUnknown(one.jitterMs, (ms) => duration(ms / 1000)),
    },
    { name: say('packets'), show: (one: Direction) => number(one.packets) },
  ]
  return (
    <>
      <Table verticalSpacing={4} horizontalSpacing={4} aria-label={say('title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{say('figure')}</Table.Th>
            <Table.Th scope="col">{say('received')}</Table.Th>
            <Table.Th scope="col">{say('sent')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ name, hint, show }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} title={hint}>
                {name}
              </Table.Th>
              <Table.Td>{show(received, 'received')}</Table.Td>
              <Table.Td>{show(sent, 'sent')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Facts>
        <Fact name={say('round_trip')}>{orUnknown(roundTripMs, (ms) => duration(ms / 1000))}</Fact>
        <Fact name={say('concealed')}>{orUnknown(concealedMs, (ms) => duration(ms / 1000))}</Fact>
        <Fact name={say('underruns')}>{orUnknown(underruns, number)}</Fact>
        <Fact name={say('rejected')}>{orUnknown(packetsRejected, number)}</Fact>
      </Facts>
    </>
  )
}

function Mos({ mos }: { readonly mos: number | null }) {
  const say = useQualityWords()
  if (mos === null) return say('not_reported')
  const grade = gradeOf(mos)
  return (
    <Group gap={6}>
      {number(mos, 1)}
      <Badge size="sm" variant="light" color={COLORS[grade]}>
        {say(`grade-${grade}`)}
      </Badge>
    </Group>
  )
}

function Silences({
  silences,
  isTold,
}: {
  readonly silences: readonly Silence[]
  /** Of a vendor's calls nobody tells who was silent. */
  readonly isTold: boolean
}) {
  const say = useQualityWords()
  const sums = silencesByCause(silences)
  if (sums.length === 0 && !isTold) return null
  return (
    <>
      <Title order={3} size="h6">
        {say('silences')}
      </Title>
      {sums.length === 0 ? (
        <Text size="sm" c="dimmed">
          {say('silences_none')}
        </Text>
      ) : (
        <Facts>
          {sums.map(({ cause, count, totalMs, longestMs }) => (
            <Fact key={cause} name={say(`cause-${cause}`)}>
              {say('times', {
                count,
                total: duration(totalMs / 1000),
                longest: duration(longestMs / 1000),
              })}
            </Fact>
          ))}
        </Facts>
      )}
    </>
  )
}
