// Sending again what was given up, or everything since a moment.
import { useState } from 'react'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { replayWebhook } from '../../api/generated/sdk.gen.ts'
import type { GetWebhookResponse } from '../../api/generated/types.gen.ts'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Failure } from '../../components/failure.tsx'
import { useAction } from '../../components/use-action.ts'
import { useActionDialog } from '../../components/use-action-dialog.ts'
import { moment } from '../../words/amounts.ts'
import { useCommon } from '../../words/common.ts'
import { refreshWebhooks } from '../webhooks/fresh-webhooks.ts'
import { useWebhook } from './words.ts'

interface ReplayProps {
  readonly endpoint: GetWebhookResponse
  readonly unavailable: string | undefined
}

/** The server counts no further, and sends no more at once. */
const COUNTED_TO = 1000

export function Replay({ endpoint, unavailable }: ReplayProps) {
  const say = useWebhook()
  const common = useCommon()
  const { endpoint_id: id, dead } = endpoint
  return (
    <Group gap="xs">
      <ConfirmButton
        size="xs"
        label={say('again_dead')}
        color="signal"
        variant="default"
        unavailable={unavailable ?? (dead === 0 ? say('no_dead') : undefined)}
        consequences={
          dead >= COUNTED_TO ? say('again_dead_most') : say('again_dead_what', { count: dead })
        }
        act={async () =>
          (await replayWebhook({ path: { endpoint_id: id }, body: { state: 'dead' } })).data
        }
        onDone={({ replayed }) => {
          notifications.show({
            message: say('again_dead_done', { count: replayed ?? 0 }),
            color: 'teal',
            closeButtonProps: { 'aria-label': common('close') },
          })
          void refreshWebhooks()
        }}
      />
      <ReplaySince endpointId={id} unavailable={unavailable} />
    </Group>
  )
}

const NEVER = { typed: '', at: NaN, isPast: false }

/** Of the box, which knows no time zone: the reader's. */
function readSince(typed: string): typeof NEVER {
  const at = typed === '' ? NaN : new Date(typed).getTime()
  return { typed, at, isPast: at < Date.now() }
}

function ReplaySince({
  endpointId,
  unavailable,
}: {
  readonly endpointId: string
  readonly unavailable: string | undefined
}) {
  const say = useWebhook()
  const common = useCommon()
  const [isOpen, { open, close }] = useDisclosure()
  const [{ typed, at, isPast }, setSince] = useState(NEVER)
  const when = isPast ? moment(at) : ''
  const action = useAction(
    () =>
      replayWebhook({
        path: { endpoint_id: endpointId },
        body: { from_date: new Date(at).toISOString() },
      }),
    {
      showsFailure: true,
      done: say('since_done', { at: when }),
      onDone: () => {
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
        variant="default"
        onClick={dialog.start}
        disabled={unavailable !== undefined}
        title={unavailable}
      >
        {say('again_since')}
      </Button>
      <Modal opened={isOpen} title={say('again_since')} {...dialog.modal}>
        <Stack>
          <TextInput
            type="datetime-local"
            label={say('since')}
            description={say('since_hint')}
            value={typed}
            onChange={(event) => setSince(readSince(event.currentTarget.value))}
          />
          <Text size="sm">
            {isPast ? say('again_since_what', { at: when }) : say('since_past')}
          </Text>
          {action.error !== null && <Failure error={action.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} disabled={action.isRunning}>
              {common('cancel')}
            </Button>
            <Button disabled={!isPast} loading={action.isRunning} onClick={() => action.run()}>
              {say('again')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
