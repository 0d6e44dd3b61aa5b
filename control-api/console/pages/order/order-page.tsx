// One order: how it stands, what staff say of it, and all that happened to it.
import { Anchor, Box, Card, Stack, Text } from '@mantine/core'
import { ArrowLeftIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'wouter'
import { getOrderOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { asProblem } from '../../api/problem.ts'
import { FactList } from '../../components/fact-list.tsx'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { Moment } from '../../components/moment.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { useLive } from '../../live/live.tsx'
import { hearOrders } from '../orders/fresh-orders.ts'
import { OrderStatusBadge } from '../orders/order-status.tsx'
import { useOrders } from '../orders/words.ts'
import { CallsCard } from './calls-card.tsx'
import { EditCard } from './edit-card.tsx'
import { HistoryCard } from './history-card.tsx'
import type { OneOrder } from './order-history.ts'
import classes from './order.module.css'
import { useOrder } from './words.ts'

const NOT_FOUND = 404

export function Component() {
  const say = useOrder()
  const { order_id: id = '' } = useParams()
  const query = useQuery(getOrderOptions({ path: { order_id: id } }))
  useLive(hearOrders)
  const { data: order, error } = query
  const isGone = error !== null && asProblem(error).status === NOT_FOUND
  return (
    <PageFrame
      title={
        order === undefined ? say('title_unknown') : say('title', { number: order.order_number })
      }
      tabTitle={say('title_unknown')}
      actions={
        <Anchor component={Link} href="/orders" size="sm">
          <ArrowLeftIcon size={14} /> {say('back')}
        </Anchor>
      }
    >
      {isGone ? (
        <Empty title={say('gone')}>{say('gone_what')}</Empty>
      ) : (
        <Loaded query={query}>{(found) => <Parts key={found.order_id} order={found} />}</Loaded>
      )}
    </PageFrame>
  )
}

function Parts({ order }: { readonly order: OneOrder }) {
  return (
    <>
      <Card withBorder>
        <Facts order={order} />
      </Card>
      <Box className={classes['parts']}>
        <Stack gap="md" miw={0}>
          <EditCard order={order} />
          <HistoryCard order={order} />
        </Stack>
        <CallsCard order={order} />
      </Box>
    </>
  )
}

function Facts({ order }: { readonly order: OneOrder }) {
  const list = useOrders()
  const say = useOrder()
  const { status, created_at: created, updated_at: updated, call_ids: calls } = order
  return (
    <FactList
      facts={[
        { name: list('status'), value: <OrderStatusBadge status={status} /> },
        { name: list('created'), value: <Moment at={created} /> },
        {
          name: list('updated'),
          value: updated === created ? say('never') : <Moment at={updated} />,
        },
        { name: say('calls'), value: say('calls_count', { count: calls.length }) },
        {
          name: say('id'),
          value: (
            <Text span inherit ff="monospace" fz="xs">
              {order.order_id}
            </Text>
          ),
          isWide: true,
        },
      ]}
    />
  )
}
