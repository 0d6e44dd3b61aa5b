// Agents: those of the account at the vendor, and whether each suits a telephone.
import { Anchor, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import {
  getSettingsOptions,
  listAgentsOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import type { ListAgentsResponse } from '../../api/generated/types.gen.ts'
import { asProblem } from '../../api/problem.ts'
import { Pager, useCursorPages, type CursorPages } from '../../components/cursor-pages.tsx'
import { Empty, Loaded } from '../../components/loaded.tsx'
import { PageFrame } from '../../components/page-frame.tsx'
import { AgentCard } from './agent-card.tsx'
import { useUsage } from './use-usage.ts'
import { useAgentWords } from './words.ts'

/** Each is asked for on its own: no more than the vendor answers quickly. */
const PAGE_SIZE = 20

export function Component() {
  const say = useAgentWords()
  const pages = useCursorPages()
  const query = useQuery(listAgentsOptions({ query: { limit: PAGE_SIZE, cursor: pages.cursor } }))
  // Without a key the vendor is not asked at all; another refusal has words of its own.
  const hasNoKey = query.error !== null && asProblem(query.error).code === 'STATE_CONFLICT'
  return (
    <PageFrame title={say('title')}>
      {hasNoKey ? (
        <NoKey />
      ) : (
        <>
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed">
              {say('about')}
            </Text>
            <Anchor component={Link} href="/statistics?group=agent" size="sm">
              {say('all_calls')}
            </Anchor>
          </Group>
          <Loaded query={query}>{(list) => <List list={list} pages={pages} />}</Loaded>
        </>
      )}
    </PageFrame>
  )
}

interface ListProps {
  readonly list: ListAgentsResponse
  readonly pages: CursorPages
}

function List({ list: { items, next_cursor: nextCursor }, pages }: ListProps) {
  const say = useAgentWords()
  const usage = useUsage()
  const defaultAgent = useDefaultAgent()
  if (items.length === 0 && pages.number === 1)
    return (
      <Empty title={say('none')}>
        <Text size="sm">{say('none_what')}</Text>
      </Empty>
    )
  // Whom most calls go to comes first.
  const sorted = items.toSorted(
    (one, other) =>
      Number(other.is_default) - Number(one.is_default) ||
      Number(one.archived) - Number(other.archived),
  )
  const isListed = items.some(({ is_default: isDefault }) => isDefault)
  return (
    <Stack gap="sm">
      {defaultAgent === null && <Text size="sm">{say('no_default')}</Text>}
      {typeof defaultAgent === 'string' && !isListed && (
        <Text size="sm">{say('not_listed', { agent: defaultAgent })}</Text>
      )}
      <Stack gap="sm" role="list" aria-label={say('list')}>
        {sorted.map((agent) => (
          <AgentCard
            key={agent.agent_id}
            agent={agent}
            usage={usage && (usage.get(agent.agent_id) ?? null)}
          />
        ))}
      </Stack>
      <Pager pages={pages} nextCursor={nextCursor} />
    </Stack>
  )
}

/** Null: none is set; undefined: not known yet. */
const useDefaultAgent = (): string | null | undefined =>
  useQuery(getSettingsOptions()).data?.default_agent_id

function NoKey() {
  const say = useAgentWords()
  const agent = useDefaultAgent()
  return (
    <Empty title={say('no_key')}>
      <Stack gap="xs">
        <Text size="sm">{say('no_key_what')}</Text>
        {agent !== undefined && (
          <Text size="sm">{agent === null ? say('no_default') : say('default_is', { agent })}</Text>
        )}
      </Stack>
    </Empty>
  )
}
