// The groups side by side: each column sorts, the totals stand below.
import type { ReactNode } from 'react'
import { Table, UnstyledButton } from '@mantine/core'
import { useCommon } from '../../words/common.ts'
import type { FigureColumn, Sorting } from './group-columns.ts'
import type { Row, Tally } from './use-statistics.ts'
import classes from './group-table.module.css'
import { useStatisticsWords } from './words.ts'

export interface Groups {
  readonly label: string
  readonly keyTitle: string
  readonly columns: readonly FigureColumn[]
  readonly rows: readonly Row[]
  readonly others: Tally | null
  readonly totals: Tally
  readonly first: (row: Row) => ReactNode
}

interface GroupTableProps {
  readonly groups: Groups
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
}

export function GroupTable({ groups, sorting, onSort }: GroupTableProps) {
  const say = useStatisticsWords()
  const { label, keyTitle, columns, rows, others, totals, first } = groups
  return (
    <Table.ScrollContainer minWidth={900} type="native">
      <Table
        className={classes['table']}
        aria-label={label}
        verticalSpacing={6}
        horizontalSpacing={6}
        highlightOnHover
        fz="sm"
      >
        <Table.Thead>
          <Table.Tr>
            <SortHead by="key" title={keyTitle} sorting={sorting} onSort={onSort} />
            {columns.map(({ key, title }) => (
              <SortHead
                key={key}
                by={key}
                title={title}
                sorting={sorting}
                onSort={onSort}
                isNumber
              />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key ?? ''}>
              <Table.Th scope="row" fw={400}>
                {first(row)}
              </Table.Th>
              <Figures tally={row} columns={columns} />
            </Table.Tr>
          ))}
          {others !== null && (
            <Table.Tr>
              <Table.Th scope="row" fw={400}>
                {say('others')}
              </Table.Th>
              <Figures tally={others} columns={columns} />
            </Table.Tr>
          )}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th scope="row">{say('total')}</Table.Th>
            <Figures tally={totals} columns={columns} isBold />
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Table.ScrollContainer>
  )
}

interface SortHeadProps {
  readonly by: string
  readonly title: string
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
  readonly isNumber?: boolean
}

function SortHead({ by, title, sorting, onSort, isNumber = false }: SortHeadProps) {
  const say = useStatisticsWords()
  const isIt = sorting.by === by
  const order = sorting.isDown ? 'descending' : 'ascending'
  return (
    <Table.Th scope="col" ta={isNumber ? 'end' : 'start'} aria-sort={isIt ? order : 'none'}>
      <UnstyledButton
        fz="sm"
        fw={700}
        onClick={() => onSort({ by, isDown: isIt ? !sorting.isDown : true })}
        aria-label={say('sort', { column: title })}
      >
        {title}
        <span aria-hidden="true">{isIt ? (sorting.isDown ? ' ↓' : ' ↑') : ''}</span>
      </UnstyledButton>
    </Table.Th>
  )
}

interface FiguresProps {
  readonly tally: Tally
  readonly columns: readonly FigureColumn[]
  readonly isBold?: boolean
}

function Figures({ tally, columns, isBold = false }: FiguresProps) {
  const common = useCommon()
  return columns.map(({ key, figure, words }) => {
    const value = figure(tally)
    return (
      <Table.Td key={key} ta="end" fw={isBold ? 600 : 400}>
        {value === null ? common('none') : words(value)}
      </Table.Td>
    )
  })
}
