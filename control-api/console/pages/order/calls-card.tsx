// The calls that named an order, newest first, each with how it went.
import { useState } from 'react'
import { Anchor, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getCallOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { CallState } from '../../components/call-state.tsx'
import { Moment } from '../../components/moment.tsx'
import { useCommon } from '../../words/common.ts'
import { namedBy, type NamedBy, type OneOrder } from './order-history.ts'
import { useOrder } from './words.ts'

/** Each is asked for by itself. */
const FIRST_SHOWN = 10

export function CallsCard({ order }: { readonly order: OneOrder }) {
  const say = useOrder()
  const [isWhole, setIsWhole] = useState(false)
  const calls = namedBy(order)
  const shown = isWhole ? calls : calls.slice(0, FIRST_SHOWN)
  return (
    <Card withBorder component="section" aria-labelledby="calls-title">
      <Stack gap="xs">
        <Title order={2} size="h4" id="calls-title">
          {say('calls')}
        </Title>
        {calls.length === 0 ? (
          <Text size="sm" c="dimmed">
            {say('no_calls')}
          </Text>
        ) : (
          <Stack gap="xs" role="list" aria-label={say('calls')}>
            {shown.map((call) => (
              <NamingCall key={call.callId} call={call} />
            ))}
          </Stack>
        )}
        {shown.length < calls.length && (
          <Button size="xs" variant="default" onClick={() => setIsWhole(true)}>
            {say('all_calls', { count: calls.length })}
          </Button>
        )}
      </Stack>
    </Card>
  )
}

/** One that cannot be read is a link all the same: its page says why. */
function NamingCall({ call: { callId, at } }: { readonly call: NamedBy }) {
  const common = useCommon()
  const { data: call } = useQuery(getCallOptions({ path: { call_id: callId } }))
  return (
    <div role="listitem">
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Anchor component={Link} href={`/calls/${callId}`} size="sm">
          <Moment at={at} />
        </Anchor>
        {call && <CallState call={call} />}
      </Group>
      {/* The line is there from the beginning: nothing jumps. */}
      <Text size="xs" c="dimmed">
        {call
          ? `${common(call.direction)} · ${call.from ?? common('anonymous')} → ${call.to}`
          : '\u00a0'}
      </Text>
    </div>
  )
}
