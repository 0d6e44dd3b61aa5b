// One agent: who it is, how much it is used, and what the pre-flight check says of it.
import { Badge, Button, Card, Code, CopyButton, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { checkAgentOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import type { ListAgentsResponse } from '../../api/generated/types.gen.ts'
import { useMay } from '../../session/session.tsx'
import { moment, percent } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { CheckResult, VerdictBadge } from './check-result.tsx'
import type { Usage } from './use-usage.ts'
import { useAgentWords } from './words.ts'

type Agent = ListAgentsResponse['items'][number]

interface AgentCardProps {
  readonly agent: Agent
  /** Null: none; undefined: not known. */
  readonly usage: Usage | null | undefined
}

/** What somebody changes at the vendor meanwhile is seen by checking again. */
const CHECKED_FOR_MS = 300_000

export function AgentCard({ agent, usage }: AgentCardProps) {
  const say = useAgentWords()
  const { agent_id: id, name, archived } = agent
  const check = useQuery({
    ...checkAgentOptions({ path: { agent_id: id } }),
    // Nobody dials with it: looked at when somebody wants to know.
    enabled: !archived,
    staleTime: CHECKED_FOR_MS,
  })
  const isNew = check.data === undefined && check.error === null
  return (
    <Card withBorder padding="md" role="listitem">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Who agent={agent} usage={usage} />
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              loading={check.isFetching}
              onClick={() => void check.refetch()}
              aria-label={say('check_of', { name })}
            >
              {say(isNew && !check.isFetching ? 'check' : 'check_again')}
            </Button>
            <DialButton agent={agent} />
          </Group>
        </Group>
        <Group gap="sm">
          <VerdictBadge check={check} />
          {check.data && (
            <Text size="xs" c="dimmed">
              {say('checked_at', { at: moment(check.dataUpdatedAt) })}
            </Text>
          )}
        </Group>
        <CheckResult name={name} check={check} />
      </Stack>
    </Card>
  )
}

function Who({ agent, usage }: AgentCardProps) {
  const say = useAgentWords()
  const common = useCommon()
  const { agent_id: id, name, archived, is_default: isDefault } = agent
  return (
    <Stack gap={4} miw={0}>
      <Group gap="xs">
        <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Title>
        {isDefault && (
          <Badge variant="light" title={say('is_default_what')}>
            {say('is_default')}
          </Badge>
        )}
        {archived && (
          <Badge variant="light" color="gray">
            {say('archived')}
          </Badge>
        )}
      </Group>
      <Group gap="xs">
        <Code style={{ overflowWrap: 'anywhere' }}>{id}</Code>
        <CopyButton value={id}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={copy}
              aria-label={say('copy_id', { name })}
            >
              {common(copied ? 'copied' : 'copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Text size="sm" c="dimmed">
        {usage !== undefined && <UsageWords usage={usage} />}
      </Text>
    </Stack>
  )
}

function UsageWords({ usage }: { readonly usage: Usage | null }) {
  const say = useAgentWords()
  if (usage === null || usage.calls === 0) return say('unused')
  const calls = say('used', { count: usage.calls })
  if (usage.answer_rate === null) return calls
  return `${calls}, ${say('used_rate', { rate: percent(usage.answer_rate) })}`
}

function DialButton({ agent: { agent_id: id, name, archived } }: { readonly agent: Agent }) {
  const say = useAgentWords()
  const common = useCommon()
  const may = useMay('operator')
  const [, navigate] = useLocation()
  return (
    <Button
      size="xs"
      disabled={!may || archived}
      title={may ? undefined : common('needs_operator')}
      onClick={() => navigate('/dial', { state: { agent_id: id } })}
      aria-label={say('dial_of', { name })}
    >
      {say('dial')}
    </Button>
  )
}
