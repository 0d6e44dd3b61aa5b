// What became of the menu: orders that callers confirmed, consents and refusals, how long it took.
import { Anchor, Card, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { Link } from 'wouter'
import { DataTable, type Column } from '../../../components/data-table.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { duration, number, percent } from '../../../words/amounts.ts'
import { useCommon } from '../../../words/common.ts'
import { ChartCard } from '../charts/chart-card.tsx'
import classes from '../charts/charts.module.css'
import { Patterns } from '../charts/patterns.tsx'
import type { Period } from '../period.ts'
import { useStatisticsWords } from '../words.ts'
import { consentChart, orderChart } from './order-charts.ts'
import { stretchesOf } from './stretches.ts'
import { useOrderStatistics, type OrderDay, type OrderStatistics } from './use-order-statistics.ts'
import { useOrderFigures } from './words.ts'

export function OrdersSection({ period }: { readonly period: Period }) {
  const say = useOrderFigures()
  const { counted, charted } = useOrderStatistics(period)
  return (
    <Stack
      gap="sm"
      component="section"
      aria-labelledby="orders-title"
      className={classes['charts']}
    >
      <Title order={2} size="h4" id="orders-title">
        {say('title')}
      </Title>
      <Loaded query={counted}>
        {(statistics) =>
          isQuiet(statistics) ? (
            <Text size="sm" c="dimmed">
              {say('none')}
            </Text>
          ) : (
            <>
              <Tiles statistics={statistics} />
              <Loaded query={charted}>
                {({ items }) => <Charts days={items} by={period.charted.group_by} />}
              </Loaded>
              <Frequent statistics={statistics} />
            </>
          )
        }
      </Loaded>
    </Stack>
  )
}

const isQuiet = ({ flows, orders, consents }: OrderStatistics): boolean =>
  flows.begun + orders.confirmed + consents.given + consents.refused === 0

interface Tile {
  readonly title: string
  readonly figure: string
  readonly about: string
}

function useTiles({ consents, orders, flows }: OrderStatistics): readonly Tile[] {
  const say = useOrderFigures()
  const common = useCommon()
  const asked = consents.given + consents.refused
  const share = (count: number): string => (asked === 0 ? '' : percent(count / asked, 1))
  const { average_seconds: average, p95_seconds: most } = flows
  const withdrawn =
    consents.withdrawn === 0 ? [] : [say('withdrawn', { count: number(consents.withdrawn) })]
  return [
    {
      title: say('confirmed'),
      figure: number(orders.confirmed),
      about: say('begun', { count: flows.begun }),
    },
    {
      title: say('given'),
      figure: number(consents.given),
      about: [share(consents.given), ...withdrawn].filter(Boolean).join(' · '),
    },
    { title: say('refused'), figure: number(consents.refused), about: share(consents.refused) },
    {
      title: say('time'),
      figure: average === null ? common('none') : duration(average),
      about: most === null ? '' : say('p95', { time: duration(most) }),
    },
  ]
}

function Tiles({ statistics }: { readonly statistics: OrderStatistics }) {
  const tiles = useTiles(statistics)
  return (
    <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="sm">
      {tiles.map(({ title, figure, about }) => (
        <Card key={title} withBorder padding="sm">
          <Text size="sm" c="dimmed">
            {title}
          </Text>
          <Text fz={24} fw={600} lh={1.3}>
            {figure}
          </Text>
          <Text size="xs" c="dimmed">
            {about}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  )
}

interface ChartsProps {
  readonly days: readonly OrderDay[]
  readonly by: 'day' | 'week'
}

function Charts({ days, by }: ChartsProps) {
  const say = useOrderFigures()
  const all = useStatisticsWords()
  const stretches = stretchesOf(days, by)
  const names = { confirmed: say('confirmed'), given: say('given'), refused: say('refused') }
  const orders = orderChart(stretches, names)
  const consents = consentChart(stretches, names)
  const time = all(by)
  const titled = (title: string): string => all(by === 'week' ? 'a_week' : 'a_day', { title })
  const sum = (of: 'confirmed' | 'given' | 'refused'): number =>
    days.reduce((total, day) => total + day[of], 0)
  return (
    <>
      <Patterns series={consents.series} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
        <ChartCard
          title={titled(say('orders'))}
          about={say('orders_about', { count: sum('confirmed') })}
          time={time}
          data={orders}
        />
        <ChartCard
          title={titled(say('consents'))}
          about={say('consents_about', {
            given: number(sum('given')),
            refused: number(sum('refused')),
          })}
          time={time}
          data={consents}
        />
      </SimpleGrid>
    </>
  )
}

/** The API knows twice as many. */
const MOST_SHOWN = 10

type FrequentOrder = OrderStatistics['orders']['frequent'][number]

function Frequent({ statistics: { orders } }: { readonly statistics: OrderStatistics }) {
  const say = useOrderFigures()
  const columns: readonly Column<FrequentOrder>[] = [
    {
      key: 'number',
      title: say('number'),
      cell: ({ order_id: id, order_number: text }) => (
        <Anchor component={Link} href={`/orders/${id}`} size="sm">
          {text}
        </Anchor>
      ),
    },
    {
      key: 'count',
      title: say('calls'),
      cell: ({ count }) => number(count),
      isNumber: true,
    },
  ]
  if (orders.frequent.length === 0) return null
  return (
    <Card withBorder padding="sm" component="section" aria-labelledby="frequent-title" maw={640}>
      <Title order={3} size="h5" id="frequent-title" mb="xs">
        {say('frequent')}
      </Title>
      <DataTable
        label={say('frequent')}
        columns={columns}
        items={orders.frequent.slice(0, MOST_SHOWN)}
        keyOf={({ order_id: id }) => id}
      />
    </Card>
  )
}
