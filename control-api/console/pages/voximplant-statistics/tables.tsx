// How the calls ended, and the applications side by side.
import type { ReactNode } from 'react'
import { Anchor, Card, Stack, Table, Title } from '@mantine/core'
import { Link } from 'wouter'
import { DataTable, type Column } from '../../components/data-table.tsx'
import { TABS } from '../../components/voximplant/paths.ts'
import type { ApplicationCounts, Counts } from '../../components/voximplant/shapes.ts'
import { useVoximplant } from '../../components/voximplant/words.ts'
import { duration, money, number, percent } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import type { Period } from '../statistics/period.ts'
import { wordsOfOutcome } from './figure-charts.ts'
import { answerRate, averageTalk, OUTCOMES } from './figures.ts'
import { useFigures } from './words.ts'

interface TablesProps {
  readonly totals: Counts
  readonly applications: readonly ApplicationCounts[]
  readonly period: Period
}

export function Tables({ totals, applications, period }: TablesProps) {
  const say = useFigures()
  return (
    <Stack gap="sm">
      <Part title={say('applications')}>
        <Applications applications={applications} period={period} />
      </Part>
      <Part title={say('outcomes')}>
        <Outcomes totals={totals} />
      </Part>
    </Stack>
  )
}

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Card withBorder padding="sm" component="section" aria-label={title}>
    <Stack gap="xs">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  </Card>
)

function Outcomes({ totals }: { readonly totals: Counts }) {
  const say = useFigures()
  const common = useCommon()
  const ended = totals.calls - totals.live
  return (
    <Table aria-label={say('outcomes')} maw={520} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{say('outcome')}</Table.Th>
          <Table.Th scope="col" ta="end">
            {say('calls')}
          </Table.Th>
          <Table.Th scope="col" ta="end">
            {say('share')}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {OUTCOMES.filter((one) => totals[one] > 0).map((one) => (
          <Table.Tr key={one}>
            <Table.Th scope="row" fw={400}>
              {wordsOfOutcome(one, common)}
            </Table.Th>
            <Table.Td ta="end">{number(totals[one])}</Table.Td>
            <Table.Td ta="end">{percent(totals[one] / ended, 1)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

interface ApplicationsProps {
  readonly applications: readonly ApplicationCounts[]
  readonly period: Period
}

function Applications({ applications, period: { from, to } }: ApplicationsProps) {
  const say = useFigures()
  const common = useCommon()
  const shared = useVoximplant()
  const nameOf = ({ application_id: id, application_name: name }: ApplicationCounts) =>
    id === null || name === null ? (
      (id ?? shared('no_application'))
    ) : (
      <Anchor
        component={Link}
        size="sm"
        href={`${TABS.history}?${new URLSearchParams({ application_id: id, from, to }).toString()}`}
        aria-label={say('calls_of', { name })}
      >
        {name}
      </Anchor>
    )
  const columns: readonly Column<ApplicationCounts>[] = [
    { key: 'name', title: shared('application'), cell: nameOf },
    { key: 'calls', title: say('calls'), cell: ({ calls }) => number(calls), isNumber: true },
    {
      ...{ key: 'rate', title: say('answer_rate'), isNumber: true },
      cell: (one) => {
        const rate = answerRate(one)
        return rate === null ? common('none') : percent(rate, 1)
      },
    },
    {
      ...{ key: 'talk', title: say('talk'), isNumber: true },
      cell: (one) => {
        const talk = averageTalk(one)
        return talk === null ? common('none') : duration(talk)
      },
    },
    {
      ...{ key: 'cost', title: say('cost'), isNumber: true },
      cell: ({ costs }) =>
        costs.map(({ amount_minor: sum, currency }) => money(sum, currency)).join(' + '),
    },
    {
      ...{ key: 'recordings', title: say('recordings'), isNumber: true },
      cell: ({ with_recording: count }) => number(count),
    },
  ]
  return (
    <DataTable
      label={say('applications')}
      columns={columns}
      items={applications}
      keyOf={({ application_id: id }) => id ?? ''}
    />
  )
}
