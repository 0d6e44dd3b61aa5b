// How much of what this node can carry is taken.
import { Card, Group, Progress, Stack, Text } from '@mantine/core'
import type { GetSettingsResponse } from '../../api/generated/types.gen.ts'
import { number } from '../../words/amounts.ts'
import { isAgentOpen, type LiveCalls } from './live-calls.ts'
import { useLiveWords } from './words.ts'

interface CapacityProps {
  readonly calls: LiveCalls
  readonly settings: GetSettingsResponse | undefined
}

export function Capacity({ calls, settings }: CapacityProps) {
  const say = useLiveWords()
  const live = calls.filter(({ leftAt }) => leftAt === null)
  const open = live.filter(({ call }) => isAgentOpen(call)).length
  const ringing = live.filter(({ call }) => call.answered_at === null).length
  return (
    <Card withBorder padding="sm">
      <Group gap="xl" align="flex-start">
        <Amount
          name={say('calls')}
          value={live.length}
          most={settings?.limits.max_concurrent_calls ?? null}
        />
        <Amount
          name={say('agents_open')}
          value={open}
          most={settings?.limits.agent_max_sessions ?? null}
        />
        <Amount name={say('not_answered')} value={ringing} most={undefined} />
      </Group>
    </Card>
  )
}

interface AmountProps {
  readonly name: string
  readonly value: number
  /** Null: without a limit; undefined: it has none to speak of. */
  readonly most: number | null | undefined
}

function Amount({ name, value, most }: AmountProps) {
  const say = useLiveWords()
  const hasMost = most !== null && most !== undefined
  const limit = hasMost ? say('of', { most: number(most) }) : most === null ? say('no_limit') : ''
  return (
    <Stack gap={2} miw={110}>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Group gap={6} align="baseline">
        <Text fw={700} size="xl" lh={1.1}>
          {number(value)}
        </Text>
        <Text size="xs" c="dimmed">
          {limit}
        </Text>
      </Group>
      {hasMost && (
        <Progress
          value={(value / most) * 100}
          color={value >= most ? 'red' : 'signal'}
          size="xs"
          aria-label={`${name}: ${value} ${limit}`}
        />
      )}
    </Stack>
  )
}
