// One chart and, for who cannot see it or wants the figures, the same as a table.
import { lazy, Suspense, useState } from 'react'
import { Box, Card, Group, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core'
import { useCommon } from '../../../words/common.ts'
import { useStatisticsWords } from '../words.ts'
import classes from './charts.module.css'
import { Legend } from './patterns.tsx'
import type { ChartData } from './series.ts'

/** Drawing takes a library; the figures above need not wait for it. */
const Plot = lazy(() => import('./plot.tsx'))

interface ChartCardProps {
  readonly title: string
  /** What it shows, in one sentence. */
  readonly about: string
  /** Of the first column of the table. */
  readonly time: string
  readonly data: ChartData
  readonly height?: number
}

const USUAL_HEIGHT = 220

export function ChartCard({ title, about, time, data, height = USUAL_HEIGHT }: ChartCardProps) {
  const say = useStatisticsWords()
  const [form, setForm] = useState('chart')
  return (
    <Card
      withBorder
      padding="sm"
      component="figure"
      aria-label={title}
      className={classes['figure']}
    >
      <Stack gap="xs">
        <Group justify="space-between" gap="xs" align="flex-start">
          <Box component="figcaption" miw={0}>
            <Title order={3} size="h5">
              {title}
            </Title>
            <Text size="xs" c="dimmed">
              {about}
            </Text>
          </Box>
          <SegmentedControl
            size="xs"
            aria-label={say('shown_as', { title })}
            value={form}
            onChange={setForm}
            data={(['chart', 'table'] as const).map((value) => ({ value, label: say(value) }))}
          />
        </Group>
        {form === 'chart' ? (
          <>
            <Suspense fallback={<Box h={height} />}>
              <Plot
                data={data}
                title={title}
                about={`${about}. ${say('chart_hint')}`}
                height={height}
              />
            </Suspense>
            {data.series.length > 1 && <Legend series={data.series} />}
          </>
        ) : (
          <FigureTable title={title} time={time} data={data} height={height} />
        )}
      </Stack>
    </Card>
  )
}

function FigureTable({ title, time, data, height = USUAL_HEIGHT }: Omit<ChartCardProps, 'about'>) {
  const common = useCommon()
  const { series, points, words } = data
  return (
    <Table.ScrollContainer
      minWidth={series.length * 90}
      maxHeight={height}
      type="native"
      tabIndex={0}
    >
      <Table aria-label={title} verticalSpacing={4} stickyHeader fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{time}</Table.Th>
            {series.map(({ key, name }) => (
              <Table.Th key={key} scope="col" ta="end">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {points.map((point) => (
            <Table.Tr key={point.title}>
              <Table.Th scope="row" fw={400}>
                {point.title}
              </Table.Th>
              {series.map(({ key }) => {
                const value = point.values[key] ?? null
                return (
                  <Table.Td key={key} ta="end">
                    {value === null ? common('none') : words(value)}
                  </Table.Td>
                )
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
