// A list: a table where there is room, a card an item where there is not. The same cells in both.
import type { ReactNode } from 'react'
import { Box, Card, Group, Stack, Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'

export interface Column<T> {
  readonly key: string
  readonly title: string
  readonly cell: (item: T) => ReactNode
  /** Numbers line up at their end. */
  readonly isNumber?: boolean
  /** Left out of cards, where it says nothing new. */
  readonly wideOnly?: boolean
}

interface DataTableProps<T> {
  /** For those who hear the page. */
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
}

const WIDE = '(min-width: 62em)'

export function DataTable<T>({ label, columns, items, keyOf }: DataTableProps<T>) {
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false })
  if (!isWide) return <Cards label={label} columns={columns} items={items} keyOf={keyOf} />
  return (
    <Table.ScrollContainer minWidth={600} type="native">
      <Table aria-label={label} verticalSpacing={6} highlightOnHover stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ key, title, isNumber }) => (
              <Table.Th key={key} scope="col" ta={isNumber ? 'end' : 'start'}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={keyOf(item)}>
              {columns.map(({ key, cell, isNumber }) => (
                <Table.Td key={key} ta={isNumber ? 'end' : 'start'}>
                  {cell(item)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Cards<T>({ label, columns, items, keyOf }: DataTableProps<T>) {
  const shown = columns.filter(({ wideOnly }) => wideOnly !== true)
  return (
    <Stack gap="xs" role="list" aria-label={label}>
      {items.map((item) => (
        <Card key={keyOf(item)} withBorder padding="sm" role="listitem">
          <Stack gap={4}>
            {shown.map(({ key, title, cell }) => (
              <CardLine key={key} title={title}>
                {cell(item)}
              </CardLine>
            ))}
          </Stack>
        </Card>
      ))}
    </Stack>
  )
}

interface CardLineProps {
  readonly title: string
  readonly children: ReactNode
}

/** Nothing is not said: it would take a line. */
function CardLine({ title, children }: CardLineProps) {
  if (children === null || children === undefined || children === '') return null
  return (
    <Group justify="space-between" wrap="nowrap" gap="md" align="flex-start">
      <Text size="sm" c="dimmed" flex="none">
        {title}
      </Text>
      <Box ta="end" fz="sm" miw={0} style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Box>
    </Group>
  )
}
