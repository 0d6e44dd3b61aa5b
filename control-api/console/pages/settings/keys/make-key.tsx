// A new key; it is shown once.
import { useState } from 'react'
import { Button, Modal, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { createKey } from '../../../api/generated/sdk.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { SecretDialog } from '../../../components/secret-dialog.tsx'
import { useAction } from '../../../components/use-action.ts'
import { useActionDialog } from '../../../components/use-action-dialog.ts'
import { KeyForm } from './key-form.tsx'
import type { KeyBody } from './key-wish.ts'
import { useKeys } from './words.ts'

/** A key that was just made, or has a new secret. */
export interface MadeKey {
  readonly name: string
  readonly key: string
}

export function MakeKey() {
  const say = useKeys()
  const [isOpen, { open, close }] = useDisclosure()
  const [made, setMade] = useState<MadeKey | null>(null)
  const action = useAction(async (body: KeyBody) => (await createKey({ body })).data, {
    showsFailure: true,
    onDone: ({ key, name, key_id: id }) => {
      setMade({ key, name: name ?? id })
      close()
      void refresh('listKeys')
    },
  })
  const dialog = useActionDialog(action, { open, close })
  return (
    <>
      <Button size="xs" onClick={dialog.start}>
        {say('make')}
      </Button>
      <Modal opened={isOpen} title={say('make')} size="lg" {...dialog.modal}>
        <KeyForm
          submit={say('make')}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={(body) => action.run(body)}
          onCancel={close}
        />
      </Modal>
      <MadeKeyDialog made={made} onClose={() => setMade(null)} />
    </>
  )
}

interface MadeKeyDialogProps {
  readonly made: MadeKey | null
  readonly onClose: () => void
}

export function MadeKeyDialog({ made, onClose }: MadeKeyDialogProps) {
  const say = useKeys()
  return (
    <SecretDialog
      title={say('made_title', { name: made?.name ?? '' })}
      secret={made?.key ?? null}
      onClose={onClose}
    >
      <Text size="sm">{say('made_hint')}</Text>
    </SecretDialog>
  )
}
