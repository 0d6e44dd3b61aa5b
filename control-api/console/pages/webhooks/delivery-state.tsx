// Where a delivery stands, in the same words and colours on both pages.
import { Badge } from '@mantine/core'
import type { ListDeliveriesResponse } from '../../api/generated/types.gen.ts'
import { useWebhooks } from './words.ts'

export type Delivery = ListDeliveriesResponse['items'][number]

const COLORS = { waiting: 'yellow', delivered: 'teal', dead: 'red' } as const

export function DeliveryState({ state }: Pick<Delivery, 'state'>) {
  const say = useWebhooks()
  return (
    <Badge variant="light" color={COLORS[state]}>
      {say(state)}
    </Badge>
  )
}
