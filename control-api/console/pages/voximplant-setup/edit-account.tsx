// Another name, or another key, for an account that is there.
import { useState, type SubmitEvent } from 'react'
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Failure } from '../../components/failure.tsx'
import { useAction } from '../../components/use-action.ts'
import { useActionDialog } from '../../components/use-action-dialog.ts'
import { refreshAccounts } from '../../components/voximplant/queries.ts'
import { changeAccount } from '../../components/voximplant/requests.ts'
import type { Account, AccountPatch } from '../../components/voximplant/shapes.ts'
import { useCommon } from '../../words/common.ts'
import { draftOf, patchOf } from './account-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import { useSetup } from './words.ts'

interface EditAccountProps {
  readonly account: Account
  readonly unavailable: string | undefined
}

export function EditAccount({ account, unavailable }: EditAccountProps) {
  const say = useSetup()
  const [isOpen, { open, close }] = useDisclosure()
  const action = useAction((patch: AccountPatch) => changeAccount(account.account_id, patch), {
    showsFailure: true,
    done: say('saved'),
    onDone: () => {
      close()
      void refreshAccounts()
    },
  })
  const dialog = useActionDialog(action, { open, close })
  const title = say('edit_of', { name: account.account_name })
  return (
    <>
      <Button
        size="xs"
        variant="default"
        onClick={dialog.start}
        disabled={unavailable !== undefined}
        title={unavailable}
        aria-label={title}
      >
        {say('edit')}
      </Button>
      <Modal opened={isOpen} title={title} size="lg" {...dialog.modal}>
        <EditForm
          account={account}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={(patch) => action.run(patch)}
          onCancel={close}
        />
      </Modal>
    </>
  )
}

interface EditFormProps {
  readonly account: Account
  readonly isRunning: boolean
  readonly error: unknown
  readonly onSubmit: (patch: AccountPatch) => void
  readonly onCancel: () => void
}

function EditForm({ account, isRunning, error, onSubmit, onCancel }: EditFormProps) {
  const say = useSetup()
  const common = useCommon()
  const [draft, setDraft] = useState(() => draftOf(account))
  const patch = patchOf(account, draft)
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    if (patch !== undefined) onSubmit(patch)
  }
  return (
    <Stack component="form" onSubmit={send}>
      <TextInput
        label={say('name')}
        description={say('name_hint')}
        value={draft.name}
        maxLength={100}
        onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
        autoComplete="off"
        required
        data-autofocus
      />
      <CredentialFields draft={draft} onChange={setDraft} isOptional />
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} disabled={isRunning}>
          {common('cancel')}
        </Button>
        <Button type="submit" loading={isRunning} disabled={patch === undefined}>
          {common('save')}
        </Button>
      </Group>
    </Stack>
  )
}
