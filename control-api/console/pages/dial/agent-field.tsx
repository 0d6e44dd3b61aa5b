// Which agent talks: searched among those of the account; by its id where the list cannot be had.
import { Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { asProblem } from '../../api/problem.ts'
import { listAgents } from '../../api/generated/sdk.gen.ts'
import type { ListAgentsResponse } from '../../api/generated/types.gen.ts'
import type { FieldsProps } from './dial-fields.tsx'
import { useDialWords } from './words.ts'

type Agent = ListAgentsResponse['items'][number]

const PAGE = 100
/** Who has more types the id. */
const MOST_PAGES = 10

export function useAgents() {
  return useQuery({ queryKey: ['every-agent'], queryFn: ({ signal }) => readAll(signal) })
}

async function readAll(signal: AbortSignal): Promise<readonly Agent[]> {
  const agents: Agent[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { data }: { data: ListAgentsResponse } = await listAgents({
      query: { limit: PAGE, cursor },
      signal,
    })
    agents.push(...data.items)
    if (data.next_cursor === null) break
    cursor = data.next_cursor
  }
  return agents
}

export function AgentField({ form, change, refusals }: FieldsProps) {
  const say = useDialWords()
  const { data: agents, error } = useAgents()
  if (error !== null)
    return (
      <TextInput
        label={say('agent')}
        description={say('agents_failed', { why: asProblem(error).message })}
        placeholder={say('agent_default_unknown')}
        value={form.agent_id}
        maxLength={128}
        onChange={(event) => change({ agent_id: event.currentTarget.value })}
        error={refusals.agent_id}
      />
    )
  const usual = agents?.find(({ is_default: isDefault }) => isDefault)
  const ofNode = usual ? say('agent_default', { name: usual.name }) : say('agent_default_unknown')
  return (
    <Select
      label={say('agent')}
      placeholder={form.provider === 'voximplant' ? say('agent_of_application') : ofNode}
      data={(agents ?? [])
        .filter(({ archived }) => !archived)
        .map(({ agent_id: value, name }) => ({ value, label: `${name} (${value})` }))}
      value={form.agent_id === '' ? null : form.agent_id}
      onChange={(value) => change({ agent_id: value ?? '' })}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': say('agent_clear') }}
      nothingFoundMessage={say('agent_none')}
      limit={50}
      error={refusals.agent_id}
    />
  )
}
