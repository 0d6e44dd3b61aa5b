// What came of the newest event that an endpoint was told of.
import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { listDeliveriesOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { Moment } from '../../components/moment.tsx'
import { DeliveryState } from './delivery-state.tsx'
import { useWebhooks } from './words.ts'

export function LastDelivery({ endpointId }: { readonly endpointId: string }) {
  const say = useWebhooks()
  const { data } = useQuery(
    listDeliveriesOptions({ path: { endpoint_id: endpointId }, query: { limit: 1 } }),
  )
  if (!data) return null
  const [last] = data.items
  if (!last)
    return (
      <Text component="span" size="sm" c="dimmed">
        {say('nothing_yet')}
      </Text>
    )
  return (
    <Group gap={6} justify="inherit">
      <DeliveryState state={last.state} />
      <Moment at={last.delivered_at ?? last.created_at} />
    </Group>
  )
}
