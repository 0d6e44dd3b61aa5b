// A new account: tested before it is kept, by its button beforehand, and by the server in any case.
import { useState, type SubmitEvent } from 'react'
import { Button, Group, Modal, Stack, Text, TextInput, type ButtonProps } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Failure } from '../../components/failure.tsx'
import { useAction } from '../../components/use-action.ts'
import { useActionDialog } from '../../components/use-action-dialog.ts'
import { refreshAccounts } from '../../components/voximplant/queries.ts'
import { addAccount, tryAccount } from '../../components/voximplant/requests.ts'
import type { AccountTrial, NewAccount, Tested } from '../../components/voximplant/shapes.ts'
import { useCommon } from '../../words/common.ts'
import {
  isAccountId,
  NEW_ACCOUNT,
  newAccountOf,
  trialOf,
  type AccountDraft,
} from './account-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import { TestedAnswer } from './tested-answer.tsx'
import { useSetup } from './words.ts'

interface AddAccountProps extends ButtonProps {
  readonly label: string
  readonly initial?: AccountDraft
  readonly unavailable?: string | undefined
}

export function AddAccount({ label, initial, unavailable, ...button }: AddAccountProps) {
  const say = useSetup()
  const [isOpen, { open, close }] = useDisclosure()
  const action = useAction((body: NewAccount) => addAccount(body), {
    showsFailure: true,
    done: say('added'),
    onDone: () => {
      close()
      void refreshAccounts()
    },
  })
  const dialog = useActionDialog(action, { open, close })
  return (
    <>
      <Button
        size="xs"
        {...button}
        onClick={dialog.start}
        disabled={unavailable !== undefined}
        title={unavailable}
      >
        {label}
      </Button>
      <Modal opened={isOpen} title={say('add')} size="lg" {...dialog.modal}>
        <NewAccountForm
          initial={initial ?? NEW_ACCOUNT}
          isRunning={action.isRunning}
          error={action.error}
          onChange={() => action.reset()}
          onSubmit={(body) => action.run(body)}
          onCancel={close}
        />
      </Modal>
    </>
  )
}

interface NewAccountFormProps {
  readonly initial: AccountDraft
  readonly isRunning: boolean
  readonly error: unknown
  readonly onChange: () => void
  readonly onSubmit: (body: NewAccount) => void
  readonly onCancel: () => void
}

const MAX_NAME = 100

function NewAccountForm(props: NewAccountFormProps) {
  const { initial, isRunning, error, onChange, onSubmit, onCancel } = props
  const say = useSetup()
  const common = useCommon()
  const [draft, setDraft] = useState(initial)
  const [tested, setTested] = useState<Tested | null>(null)
  const test = useAction((body: AccountTrial) => tryAccount(body), {
    showsFailure: true,
    onDone: (answer) => {
      setTested(answer)
      setDraft((before) => (before.name === '' ? { ...before, name: answer.vendor_name } : before))
    },
  })
  const trial = trialOf(draft)
  const body = newAccountOf(draft)
  const change = (next: AccountDraft): void => {
    // Of another key that answer says nothing.
    if (JSON.stringify(trialOf(next)) !== JSON.stringify(trial)) {
      setTested(null)
      test.reset()
    }
    onChange()
    setDraft(next)
  }
  const tryIt = (): void => {
    onChange()
    if (trial !== undefined) test.run(trial)
  }
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    test.reset()
    if (body !== undefined) onSubmit(body)
  }
  const failure = error ?? test.error
  return (
    <Stack component="form" onSubmit={send}>
      <CredentialFields draft={draft} onChange={change} isOptional={false} />
      <AccountNumber
        value={draft.accountId}
        onChange={(accountId) => change({ ...draft, accountId })}
      />
      <TextInput
        label={say('name')}
        description={say('name_hint')}
        value={draft.name}
        maxLength={MAX_NAME}
        onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
        autoComplete="off"
        required
      />
      {tested !== null && <TestedAnswer tested={tested} />}
      {failure !== null && <Failure error={failure} />}
      <Text size="xs" c="dimmed">
        {say('test_first')}
      </Text>
      <Group justify="space-between">
        <Button
          variant="default"
          disabled={trial === undefined || isRunning}
          loading={test.isRunning}
          onClick={tryIt}
        >
          {say('test')}
        </Button>
        <Group gap="xs">
          <Button variant="default" onClick={onCancel} disabled={isRunning}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={isRunning} disabled={body === undefined || test.isRunning}>
            {say('add')}
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}

interface AccountNumberProps {
  readonly value: string
  readonly onChange: (text: string) => void
}

function AccountNumber({ value, onChange }: AccountNumberProps) {
  const say = useSetup()
  return (
    <TextInput
      label={say('account_id')}
      description={say('account_id_hint')}
      inputMode="numeric"
      value={value}
      maxLength={20}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={value !== '' && !isAccountId(value) ? say('account_id_fault') : undefined}
      autoComplete="off"
      required
    />
  )
}
