// A few calls, each a link to its page.
import { Anchor, Box, Group, Stack, Text } from '@mantine/core'
import { Link } from 'wouter'
import { CallState } from '../../components/call-state.tsx'
import { Moment } from '../../components/moment.tsx'
import type { Call } from '../../components/use-live-calls.ts'
import { useCommon } from '../../words/common.ts'
import { useOverview } from './words.ts'

interface CallListProps {
  readonly label: string
  readonly calls: readonly Call[]
  /** Behind the time. */
  readonly more?: (call: Call) => string
}

export function CallList({ label, calls, more }: CallListProps) {
  return (
    <Stack component="ul" gap="xs" m={0} p={0} aria-label={label} style={{ listStyle: 'none' }}>
      {calls.map((call) => (
        <li key={call.call_id}>
          <CallLink call={call} />
          <Group gap={8} justify="space-between">
            <Text size="xs" c="dimmed">
              <Moment at={call.created_at} />
              {more && ` · ${more(call)}`}
            </Text>
            <CallState call={call} />
          </Group>
        </li>
      ))}
    </Stack>
  )
}

function CallLink({ call: { call_id: id, from, to } }: { readonly call: Call }) {
  const say = useOverview()
  const common = useCommon()
  const shown = from ?? common('anonymous')
  return (
    <Box fz="sm" style={{ overflowWrap: 'anywhere' }}>
      <Anchor
        component={Link}
        href={`/calls/${id}`}
        inherit
        aria-label={say('call', { from: shown, to })}
      >
        {shown} → {to}
      </Anchor>
    </Box>
  )
}
