// A new endpoint, and its secret, which is shown once.
import { useState } from 'react'
import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { createWebhook } from '../../api/generated/sdk.gen.ts'
import { SecretDialog } from '../../components/secret-dialog.tsx'
import { useAction } from '../../components/use-action.ts'
import { useActionDialog } from '../../components/use-action-dialog.ts'
import { EndpointForm, type EndpointWish } from './endpoint-form.tsx'
import { refreshWebhooks } from './fresh-webhooks.ts'
import { hostOf } from './shown-address.ts'
import { VerifyHint } from './verify-hint.tsx'
import { useWebhooks } from './words.ts'

interface AddEndpointProps {
  /** Why there can be none now. */
  readonly unavailable?: string | undefined
}

export function AddEndpoint({ unavailable }: AddEndpointProps) {
  const say = useWebhooks()
  const [isOpen, { open, close }] = useDisclosure()
  const [made, setMade] = useState<{ secret: string; host: string } | null>(null)
  const action = useAction(
    async (wish: EndpointWish) =>
      (await createWebhook({ body: { ...wish, url: wish.url ?? '' } })).data,
    {
      showsFailure: true,
      onDone: ({ secret, url }) => {
        setMade({ secret, host: hostOf(url) })
        close()
        void refreshWebhooks()
      },
    },
  )
  const dialog = useActionDialog(action, { open, close })
  return (
    <>
      <Button
        size="xs"
        onClick={dialog.start}
        disabled={unavailable !== undefined}
        title={unavailable}
      >
        {say('add')}
      </Button>
      <Modal opened={isOpen} title={say('add')} size="lg" {...dialog.modal}>
        <EndpointForm
          submit={say('add')}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={(wish) => action.run(wish)}
          onCancel={close}
        />
      </Modal>
      <SecretDialog
        title={say('secret_of', { host: made?.host ?? '' })}
        secret={made?.secret ?? null}
        onClose={() => setMade(null)}
      >
        <VerifyHint />
      </SecretDialog>
    </>
  )
}
