// Where an order stands, as a badge in the same words and colours everywhere.
import { Badge } from '@mantine/core'
import type { OrderStatus } from './order-search.ts'
import { useOrders } from './words.ts'

const COLORS = {
  confirmed: 'signal',
  in_progress: 'yellow',
  completed: 'teal',
  canceled: 'gray',
  problem: 'red',
} as const satisfies Record<OrderStatus, string>

export function OrderStatusBadge({ status }: { readonly status: OrderStatus }) {
  const say = useOrders()
  return (
    <Badge variant="light" color={COLORS[status]}>
      {say(status)}
    </Badge>
  )
}
