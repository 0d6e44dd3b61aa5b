// The period by day, trunk, agent …: a table to be sorted and taken along.
import { useState } from 'react'
import { Anchor, Button, Card, Group, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import {
  getSettingsOptions,
  listAgentsOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import { saveCsv } from '../../components/save-csv.ts'
import { useCommon } from '../../words/common.ts'
import { csvOf } from './csv.ts'
import { daysOf, keyWords } from './day-words.ts'
import { figureColumns, sorted, usualSorting, type Sorting } from './group-columns.ts'
import { GroupTable, type Groups as Shown } from './group-table.tsx'
import type { Period } from './period.ts'
import type { Row, Statistics } from './use-statistics.ts'
import { useStatisticsWords } from './words.ts'

interface GroupsProps {
  readonly statistics: Statistics
  readonly period: Period
}

export function Groups({ statistics, period }: GroupsProps) {
  const say = useStatisticsWords()
  const common = useCommon()
  const { group_by: group } = statistics
  const [chosen, setChosen] = useState<Sorting & { readonly group: string }>()
  // Another grouping has another order.
  const sorting = chosen?.group === group ? chosen : usualSorting(group)
  const setSorting = (next: Sorting): void => setChosen({ ...next, group })
  const names = useAgentNames(group === 'agent')
  const columns = figureColumns(group, { say, common })
  const rows = sorted(statistics.items, sorting, columns)
  const shown: Shown = {
    label: say(`by_${group}`),
    keyTitle: say(group),
    columns,
    rows,
    others: statistics.others,
    totals: statistics.totals,
    first: (row) => (
      <Key
        row={row}
        group={group}
        period={period}
        words={keyWords(row, group, { say, common, names })}
      />
    ),
  }
  const name = `statistics-${period.from}--${period.to}-by-${group}.csv`
  return (
    <Card withBorder padding="sm" component="section">
      <Stack gap="xs">
        <Group justify="space-between" align="flex-end" gap="sm">
          <Title order={2} size="h4">
            {say(`by_${group}`)}
          </Title>
          <Button
            size="xs"
            variant="default"
            onClick={() => saveCsv(csvOf(statistics, rows), name)}
          >
            {say('csv')}
          </Button>
        </Group>
        <GroupTable groups={shown} sorting={sorting} onSort={setSorting} />
      </Stack>
    </Card>
  )
}

/** Their ids say little; without a key of the vendor there is nobody to ask. */
function useAgentNames(isWanted: boolean): ReadonlyMap<string, string> {
  const settings = useQuery({ ...getSettingsOptions(), enabled: isWanted })
  const canAsk = isWanted && settings.data?.vendors.elevenlabs === true
  const { data } = useQuery({ ...listAgentsOptions({ query: { limit: 100 } }), enabled: canAsk })
  return new Map((data?.items ?? []).map(({ agent_id: id, name }) => [id, name]))
}

interface KeyProps {
  readonly row: Row
  readonly group: Statistics['group_by']
  readonly period: Period
  readonly words: string
}

/** Leads to the calls where the list of calls can be narrowed to them. */
function Key({ row, group, period, words }: KeyProps) {
  const say = useStatisticsWords()
  const query = callsOf(row, group, period)
  if (query === undefined || row.calls === 0) return words
  return (
    <Anchor
      component={Link}
      href={`/calls?${query.toString()}`}
      size="sm"
      aria-label={say('calls_of', { what: words })}
    >
      {words}
    </Anchor>
  )
}

function callsOf(
  row: Row,
  group: Statistics['group_by'],
  { from, to }: Period,
): URLSearchParams | undefined {
  switch (group) {
    case 'day':
    case 'week': {
      const { first, last } = daysOf(row)
      return new URLSearchParams({ from: first, to: last })
    }
    case 'outcome':
    case 'trunk':
      return row.key === null ? undefined : new URLSearchParams({ [group]: row.key, from, to })
    case 'agent':
    case 'consent':
      return undefined
    default:
      return group satisfies never
  }
}
