// What one can do with an endpoint: try it, change it, switch it, give it another secret, delete it.
import { useState } from 'react'
import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useLocation } from 'wouter'
import { queryClient } from '../../api/queries.ts'
import { getWebhookQueryKey } from '../../api/generated/@tanstack/react-query.gen.ts'
import { changeWebhook, deleteWebhook, rotateWebhookSecret } from '../../api/generated/sdk.gen.ts'
import type { GetWebhookResponse } from '../../api/generated/types.gen.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { SecretDialog } from '../../components/secret-dialog.tsx'
import { useAction } from '../../components/use-action.ts'
import { useActionDialog } from '../../components/use-action-dialog.ts'
import { useCommon } from '../../words/common.ts'
import { EndpointForm, type EndpointWish } from '../webhooks/endpoint-form.tsx'
import { refreshWebhooks } from '../webhooks/fresh-webhooks.ts'
import { hostOf } from '../webhooks/shown-address.ts'
import { VerifyHint } from '../webhooks/verify-hint.tsx'
import { useWebhooks } from '../webhooks/words.ts'
import { useWebhook } from './words.ts'

interface ActionProps {
  readonly endpoint: GetWebhookResponse
}

const pathOf = ({ endpoint_id: id }: GetWebhookResponse) => ({ endpoint_id: id })
const refreshNow = (): void => void refreshWebhooks()

export function EndpointActions({ endpoint }: ActionProps) {
  return (
    <>
      <ChangeEndpoint endpoint={endpoint} />
      <SwitchEndpoint endpoint={endpoint} />
      <RotateSecret endpoint={endpoint} />
      <DeleteEndpoint endpoint={endpoint} />
    </>
  )
}

function ChangeEndpoint({ endpoint }: ActionProps) {
  const say = useWebhook()
  const common = useCommon()
  const [isOpen, { open, close }] = useDisclosure()
  const action = useAction(
    (body: EndpointWish) => changeWebhook({ path: pathOf(endpoint), body }),
    {
      showsFailure: true,
      done: say('change_done'),
      onDone: () => {
        close()
        refreshNow()
      },
    },
  )
  const dialog = useActionDialog(action, { open, close })
  return (
    <>
      <Button size="xs" variant="default" onClick={dialog.start}>
        {say('change')}
      </Button>
      <Modal opened={isOpen} title={say('change')} size="lg" {...dialog.modal}>
        <EndpointForm
          endpoint={endpoint}
          submit={common('save')}
          isRunning={action.isRunning}
          error={action.error}
          onSubmit={(wish) => action.run(wish)}
          onCancel={close}
        />
      </Modal>
    </>
  )
}

function SwitchEndpoint({ endpoint }: ActionProps) {
  const say = useWebhook()
  const set = (state: 'enabled' | 'disabled') =>
    changeWebhook({ path: pathOf(endpoint), body: { state } })
  const enable = useAction(() => set('enabled'), { done: say('enable_done'), onDone: refreshNow })
  if (endpoint.state !== 'enabled')
    return (
      <>
        <Button size="xs" loading={enable.isRunning} onClick={() => enable.run()}>
          {say('enable')}
        </Button>
        {endpoint.state === 'failing' && <Disable act={() => set('disabled')} />}
      </>
    )
  return <Disable act={() => set('disabled')} />
}

function Disable({ act }: { readonly act: () => Promise<unknown> }) {
  const say = useWebhook()
  return (
    <ConfirmButton
      size="xs"
      label={say('disable')}
      consequences={say('disable_what')}
      act={act}
      done={say('disable_done')}
      onDone={refreshNow}
    />
  )
}

function RotateSecret({ endpoint }: ActionProps) {
  const say = useWebhook()
  const list = useWebhooks()
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <>
      <ConfirmButton
        size="xs"
        label={say('rotate')}
        consequences={say('rotate_what')}
        act={async () => (await rotateWebhookSecret({ path: pathOf(endpoint) })).data}
        onDone={(made) => {
          setSecret(made.secret)
          refreshNow()
        }}
      />
      <SecretDialog
        title={list('secret_of', { host: hostOf(endpoint.url) })}
        secret={secret}
        onClose={() => setSecret(null)}
      >
        <VerifyHint />
      </SecretDialog>
    </>
  )
}

function DeleteEndpoint({ endpoint }: ActionProps) {
  const say = useWebhook()
  const [, go] = useLocation()
  return (
    <ConfirmButton
      size="xs"
      color="red"
      label={say('remove')}
      consequences={say('remove_what')}
      typed={hostOf(endpoint.url)}
      act={() => deleteWebhook({ path: pathOf(endpoint) })}
      done={say('remove_done')}
      onDone={() => {
        go('/webhooks', { replace: true })
        queryClient.removeQueries({ queryKey: getWebhookQueryKey({ path: pathOf(endpoint) }) })
        refreshNow()
      }}
    />
  )
}
