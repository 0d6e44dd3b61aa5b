// The orders that were found, a row an order, each a link to its page.
import { Anchor, Box, Text } from '@mantine/core'
import { Link } from 'wouter'
import { DataTable, type Column } from '../../components/data-table.tsx'
import { keepScroll } from '../../components/kept-search.ts'
import { Moment } from '../../components/moment.tsx'
import calls from '../calls/calls.module.css'
import type { Order } from './order-search.ts'
import { OrderStatusBadge } from './order-status.tsx'
import classes from './orders.module.css'
import { useOrders } from './words.ts'

interface OrdersTableProps {
  readonly orders: readonly Order[]
  /** Of another search: the answer to this one is on its way. */
  readonly areEarlier: boolean
}

export function OrdersTable({ orders, areEarlier }: OrdersTableProps) {
  const say = useOrders()
  const columns: readonly Column<Order>[] = [
    { key: 'number', title: say('number'), cell: (order) => <Opener order={order} /> },
    {
      key: 'status',
      title: say('status'),
      cell: ({ status }) => <OrderStatusBadge status={status} />,
    },
    { key: 'call', title: say('first_call'), cell: (order) => <FirstCall order={order} /> },
    { key: 'notes', title: say('notes'), cell: ({ notes }) => notes && <Excerpt notes={notes} /> },
    { key: 'created', title: say('created'), cell: ({ created_at: at }) => <Moment at={at} /> },
    {
      key: 'updated',
      title: say('updated'),
      cell: ({ created_at: created, updated_at: updated }) =>
        updated === created ? null : <Moment at={updated} />,
    },
  ]
  return (
    <Box
      className={areEarlier ? `${calls['list']} ${calls['earlier']}` : calls['list']}
      aria-busy={areEarlier}
    >
      <DataTable
        label={say('list')}
        columns={columns}
        items={orders}
        keyOf={({ order_id: id }) => id}
      />
    </Box>
  )
}

const Opener = ({ order: { order_id: id, order_number: number } }: { readonly order: Order }) => (
  <Link href={`/orders/${id}`} className={calls['open']} onClick={keepScroll}>
    {number}
  </Link>
)

/** Above the row's own link, which covers it. */
function FirstCall({ order: { call_id: id, order_number: number } }: { readonly order: Order }) {
  const say = useOrders()
  if (id === null)
    return (
      <Text span size="sm" c="dimmed">
        {say('no_call')}
      </Text>
    )
  return (
    <Anchor
      component={Link}
      href={`/calls/${id}`}
      size="sm"
      className={classes['above']}
      onClick={keepScroll}
      aria-label={say('call_of', { number })}
    >
      {say('to_call')}
    </Anchor>
  )
}

const Excerpt = ({ notes }: { readonly notes: string }) => (
  <Text span size="sm" className={classes['excerpt']}>
    {notes}
  </Text>
)
