// What one can do with a key: change it, give it another secret, revoke it.
import { useState } from 'react'
import { Alert, Button, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { changeKey, revokeKey, rotateKey } from '../../../api/generated/sdk.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useAction } from '../../../components/use-action.ts'
import { useActionDialog } from '../../../components/use-action-dialog.ts'
import { useSession } from '../../../session/session.tsx'
import { forgetEverything } from '../../../session/sign-out.ts'
import { useCommon } from '../../../words/common.ts'
import { RowActions } from '../row-actions.tsx'
import { KeyForm } from './key-form.tsx'
import type { ApiKey, KeyBody } from './key-wish.ts'
import { MadeKeyDialog, type MadeKey } from './make-key.tsx'
import { useKeys } from './words.ts'

interface KeyActionsProps {
  readonly apiKey: ApiKey
}

export function KeyActions({ apiKey }: KeyActionsProps) {
  // What is revoked stays so.
  if (apiKey.state === 'revoked') return null
  return (
    <RowActions>
      <ChangeKey apiKey={apiKey} />
      <RotateKey apiKey={apiKey} />
      <RevokeKey apiKey={apiKey} />
    </RowActions>
  )
}

const nameOf = ({ name, key_id: id }: ApiKey): string => name ?? id
const pathOf = ({ key_id: id }: ApiKey) => ({ key_id: id })
const refreshNow = (): void => void refresh('listKeys')
const useIsOwn = ({ key_id: id }: ApiKey): boolean => useSession().key_id === id

function ChangeKey({ apiKey }: KeyActionsProps) {
  const say = useKeys()
  const common = useCommon()
  const [isOpen, { open, close }] = useDisclosure()
  const action = useAction((body: KeyBody) => changeKey({ path: pathOf(apiKey), body }), {
    showsFailure: true,
    done: say('changed'),
    onDone: () => {
      close()
      refreshNow()
      // One's own role may be another one now.
      void refresh('getSession')
    },
  })
  const title = say('change_of', { name: nameOf(apiKey) })
  const dialog = useActionDialog(action, { open, close })
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={dialog.start} aria-label={title}>
        {say('change')}
      </Button>
      <Modal opened={isOpen} title={title} size="lg" {...dialog.modal}>
        <KeyForm
          apiKey={apiKey}
          submit={common('save')}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={(body) => action.run(body)}
          onCancel={close}
        />
      </Modal>
    </>
  )
}

function RotateKey({ apiKey }: KeyActionsProps) {
  const say = useKeys()
  const isOwn = useIsOwn(apiKey)
  const [made, setMade] = useState<MadeKey | null>(null)
  return (
    <>
      <ConfirmButton
        size="compact-xs"
        label={say('rotate')}
        ariaLabel={say('rotate_of', { name: nameOf(apiKey) })}
        consequences={
          <Stack gap="xs">
            <Text fw={600}>{nameOf(apiKey)}</Text>
            <Text size="sm">{say('rotate_what')}</Text>
          </Stack>
        }
        unavailable={isOwn ? say('rotate_own') : undefined}
        act={async () => (await rotateKey({ path: pathOf(apiKey) })).data}
        onDone={({ key }) => {
          setMade({ key, name: nameOf(apiKey) })
          refreshNow()
        }}
      />
      <MadeKeyDialog made={made} onClose={() => setMade(null)} />
    </>
  )
}

function RevokeKey({ apiKey }: KeyActionsProps) {
  const say = useKeys()
  const isOwn = useIsOwn(apiKey)
  return (
    <ConfirmButton
      size="compact-xs"
      color="red"
      label={say('revoke')}
      ariaLabel={say('revoke_of', { name: nameOf(apiKey) })}
      consequences={
        <Stack gap="xs">
          <Text fw={600}>{nameOf(apiKey)}</Text>
          <Text size="sm">{say('revoke_what')}</Text>
          {isOwn && <Alert color="red">{say('revoke_own')}</Alert>}
        </Stack>
      }
      {...(isOwn ? { typed: nameOf(apiKey) } : {})}
      act={() => revokeKey({ path: pathOf(apiKey) })}
      done={say('revoked_done')}
      onDone={isOwn ? forgetEverything : refreshNow}
    />
  )
}
