// Whether the lines to the world are up.
import { Badge, Group, Stack, Text } from '@mantine/core'
import { Loaded } from '../../components/loaded.tsx'
import { Moment } from '../../components/moment.tsx'
import type { useTrunks } from '../../components/use-trunks.ts'
import { type Trunk } from '../../components/use-trunks.ts'
import { number } from '../../words/amounts.ts'
import { Section } from './section.tsx'
import { useOverview } from './words.ts'

export function TrunksSection({ query }: { readonly query: ReturnType<typeof useTrunks> }) {
  const say = useOverview()
  return (
    <Section title={say('trunks')} more={{ href: '/trunks', label: say('all_trunks') }}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{say('no_trunks')}</Text>
          ) : (
            <Stack component="ul" gap={6} m={0} p={0} style={{ listStyle: 'none' }}>
              {items.map((trunk) => (
                <TrunkLine key={trunk.name} trunk={trunk} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  )
}

function TrunkLine({ trunk }: { readonly trunk: Trunk }) {
  const say = useOverview()
  const { name, calls, max_concurrent_calls: most } = trunk
  const { words, color, since } = stateOf(trunk)
  return (
    <Group component="li" justify="space-between" gap="xs">
      <Text size="sm" fw={500}>
        {name}{' '}
        <Text span size="xs" c="dimmed" fw={400}>
          {say('trunk_calls', { count: calls })}
          {most !== null && ` ${say('of_most', { most: number(most) })}`}
        </Text>
      </Text>
      <Group gap={6}>
        {color === 'red' && since !== null && (
          <Text size="xs" c="dimmed">
            <Moment at={since} />
          </Text>
        )}
        <Badge variant="light" color={color}>
          {say(words)}
        </Badge>
      </Group>
    </Group>
  )
}

/** What is wrong comes first; then what is known. */
function stateOf({ registration, health, since }: Trunk) {
  if (health.reach === 'down') return { words: 'down', color: 'red', since: health.since } as const
  if (registration === 'failing') return { words: 'failing', color: 'red', since } as const
  if (registration === 'registered') return { words: 'registered', color: 'teal', since } as const
  if (registration !== 'none') return { words: registration, color: 'gray', since } as const
  return health.reach === 'up'
    ? ({ words: 'up', color: 'teal', since } as const)
    : ({ words: 'unasked', color: 'gray', since } as const)
}
