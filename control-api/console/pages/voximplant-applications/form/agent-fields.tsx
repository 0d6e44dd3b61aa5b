// Which agent talks, and with whose key it is opened.
import { PasswordInput, Radio, Select, Stack, TextInput } from '@mantine/core'
import { useAgents } from '../../dial/agent-field.tsx'
import { useApplications } from '../words.ts'
import type { FormProps } from './application-form.tsx'

export function AgentFields(props: FormProps) {
  const { draft, change, hasKey } = props
  const say = useApplications()
  return (
    <Stack gap="sm">
      <Radio.Group
        label={say('key')}
        value={draft.keyChoice}
        onChange={(value) => change({ keyChoice: value === 'own' ? 'own' : 'node' })}
      >
        <Stack gap="xs" mt={6}>
          <Radio value="node" label={say('key_node')} description={say('key_node_hint')} />
          <Radio value="own" label={say('key_own')} description={say('key_own_hint')} />
        </Stack>
      </Radio.Group>
      {draft.keyChoice === 'own' && (
        <PasswordInput
          label={say('own_key')}
          {...(hasKey ? { description: say('own_key_keep') } : {})}
          value={draft.ownKey}
          maxLength={200}
          onChange={(event) => change({ ownKey: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          required={!hasKey}
        />
      )}
      <AgentField {...props} />
    </Stack>
  )
}

/** The list is of the agents of this node's key. */
function AgentField({ draft, change }: FormProps) {
  const say = useApplications()
  const { data: agents, error } = useAgents()
  if (draft.keyChoice === 'own' || error !== null)
    return (
      <TextInput
        label={say('agent')}
        description={say(draft.keyChoice === 'own' ? 'agent_id_hint' : 'agents_failed')}
        value={draft.agent}
        maxLength={128}
        onChange={(event) => change({ agent: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
        required
      />
    )
  const listed = (agents ?? [])
    .filter(({ archived }) => !archived)
    .map(({ agent_id: value, name }) => ({ value, label: `${name} (${value})` }))
  const isListed = draft.agent === '' || listed.some(({ value }) => value === draft.agent)
  return (
    <Select
      label={say('agent')}
      placeholder={say('agent_choose')}
      data={isListed ? listed : [{ value: draft.agent, label: draft.agent }, ...listed]}
      value={draft.agent === '' ? null : draft.agent}
      onChange={(value) => change({ agent: value ?? '' })}
      searchable
      nothingFoundMessage={say('agent_none')}
      limit={50}
      required
    />
  )
}
