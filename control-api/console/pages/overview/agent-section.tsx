// Who answers, and whether its set-up suits the telephone.
import { Badge, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import {
  checkAgentOptions,
  getSettingsOptions,
  listAgentsOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Section } from './section.tsx'
import { useOverview } from './words.ts'

export function AgentSection() {
  const say = useOverview()
  const settings = useQuery(getSettingsOptions())
  return (
    <Section title={say('agent')} more={{ href: '/agents', label: say('all_agents') }}>
      <Loaded query={settings}>
        {({ default_agent_id: id }) =>
          id === null ? <Text size="sm">{say('no_agent')}</Text> : <DefaultAgent id={id} />
        }
      </Loaded>
    </Section>
  )
}

function DefaultAgent({ id }: { readonly id: string }) {
  const say = useOverview()
  const { data } = useQuery({ ...listAgentsOptions(), retry: false })
  const name = data?.items.find(({ agent_id: one }) => one === id)?.name ?? id
  const others = data?.items.filter(({ agent_id: one, archived }) => one !== id && !archived) ?? []
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
        {name}{' '}
        {others.length > 0 && (
          <Text span size="xs" c="dimmed" fw={400}>
            {say('agents_more', { count: others.length })}
          </Text>
        )}
      </Text>
      <Advice id={id} />
    </Group>
  )
}

function Advice({ id }: { readonly id: string }) {
  const say = useOverview()
  const { data, error } = useQuery({
    ...checkAgentOptions({ path: { agent_id: id } }),
    retry: false,
  })
  if (error !== null)
    return (
      <Text size="sm" c="dimmed">
        {say('agents_unknown')}
      </Text>
    )
  if (data === undefined) return null
  const count = data.findings.filter(
    ({ verdict }) => verdict === 'warn' || verdict === 'fail',
  ).length
  const color = data.ready ? (count === 0 ? 'teal' : 'orange') : 'red'
  return (
    <Group gap={6}>
      {!data.ready && (
        <Badge variant="light" color="red">
          {say('agent_broken')}
        </Badge>
      )}
      <Badge variant="light" color={color}>
        {count === 0 ? say('agent_ready') : say('agent_advice', { count })}
      </Badge>
    </Group>
  )
}
