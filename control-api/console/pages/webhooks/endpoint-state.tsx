// Whether an endpoint is told anything, and since when it does not take it.
import { Badge, Group, Text } from '@mantine/core'
import type { ListWebhooksResponse } from '../../api/generated/types.gen.ts'
import { moment } from '../../words/amounts.ts'
import { useWebhooks } from './words.ts'

export type Endpoint = ListWebhooksResponse['items'][number]

const COLORS = { enabled: 'teal', disabled: 'gray', failing: 'red' } as const

export function EndpointState({ endpoint }: { readonly endpoint: Endpoint }) {
  const say = useWebhooks()
  const { state, failures, failing_since: since } = endpoint
  const isTroubled = state === 'enabled' && failures > 0
  return (
    <Group gap={6} justify="inherit">
      <Badge variant="light" color={isTroubled ? 'yellow' : COLORS[state]}>
        {say(state)}
      </Badge>
      {failures > 0 && state !== 'disabled' && (
        <Text component="span" size="xs" c="dimmed">
          {say('failures', { count: failures })}
          {since !== null && `, ${say('failing_since', { at: moment(since) })}`}
        </Text>
      )}
    </Group>
  )
}
