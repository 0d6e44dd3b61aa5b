// All that is filled in about an application: for a new one, and to change one.
import { useState, type SubmitEvent } from 'react'
import { Button, Group, NativeSelect, Stack, TextInput, Title } from '@mantine/core'
import { Failure } from '../../../components/failure.tsx'
import type { Account } from '../../../components/voximplant/shapes.ts'
import { useCommon } from '../../../words/common.ts'
import { changed, faultsOf, type ApplicationDraft, type DraftFault } from '../application-draft.ts'
import { useApplications } from '../words.ts'
import { AgentFields } from './agent-fields.tsx'
import { OptionFields } from './option-fields.tsx'
import { VendorFields } from './vendor-fields.tsx'

export interface FormProps {
  readonly draft: ApplicationDraft
  readonly change: (patch: Partial<ApplicationDraft>) => void
  readonly faults: ReadonlySet<DraftFault>
  /** One of its own is kept already. */
  readonly hasKey: boolean
}

interface ApplicationFormProps {
  readonly initial: ApplicationDraft
  /** To choose from; none: the account is what it is. */
  readonly accounts?: readonly Account[]
  readonly hasKey: boolean
  readonly submit: string
  readonly isRunning: boolean
  readonly error: unknown
  readonly onSubmit: (draft: ApplicationDraft) => void
  readonly onCancel: () => void
}

export function ApplicationForm(props: ApplicationFormProps) {
  const { initial, accounts, hasKey, submit, isRunning, error, onSubmit, onCancel } = props
  const say = useApplications()
  const common = useCommon()
  const [draft, setDraft] = useState(initial)
  const change = (patch: Partial<ApplicationDraft>): void => setDraft(changed(draft, patch))
  const faults = faultsOf(draft, hasKey)
  const parts = { draft, change, faults, hasKey }
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    if (faults.size === 0) onSubmit(draft)
  }
  return (
    <Stack component="form" onSubmit={send}>
      <TextInput
        label={say('name')}
        description={say('name_hint')}
        value={draft.name}
        maxLength={100}
        onChange={(event) => change({ name: event.currentTarget.value })}
        autoComplete="off"
        required
        data-autofocus
      />
      {accounts !== undefined && accounts.length > 1 && (
        <NativeSelect
          label={say('account')}
          value={draft.account}
          onChange={(event) => change({ account: event.currentTarget.value })}
          data={accounts.map(({ account_id: value, account_name: label }) => ({ value, label }))}
        />
      )}
      <Part title={say('part_vendor')} />
      <VendorFields {...parts} />
      <Part title={say('part_agent')} />
      <AgentFields {...parts} />
      <Part title={say('part_scenario')} />
      <OptionFields {...parts} />
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} disabled={isRunning}>
          {common('cancel')}
        </Button>
        <Button type="submit" loading={isRunning} disabled={faults.size > 0}>
          {submit}
        </Button>
      </Group>
    </Stack>
  )
}

const Part = ({ title }: { readonly title: string }) => (
  <Title order={3} size="h5" mt="xs">
    {title}
  </Title>
)
