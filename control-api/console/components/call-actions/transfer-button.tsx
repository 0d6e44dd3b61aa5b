// Hands the caller to a human: to whom, by which way, and what will happen then.
import { useRef, useState } from 'react'
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { idempotencyKey } from '../../api/client.ts'
import { transferCall } from '../../api/generated/sdk.gen.ts'
import type { GetCallResponse } from '../../api/generated/types.gen.ts'
import { asProblem } from '../../api/problem.ts'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { Failure } from '../failure.tsx'
import { NumberInput } from '../phone-number/number-input.tsx'
import { checkNumber } from '../phone-number/phone-number.ts'
import { useAction } from '../use-action.ts'
import { useCallActions } from './words.ts'

const MODES = ['auto', 'refer', 'bridge'] as const
type Mode = (typeof MODES)[number]

interface TransferProps {
  readonly call: Pick<GetCallResponse, 'call_id' | 'status' | 'agent'>
}

export function TransferButton({ call }: TransferProps) {
  const say = useCallActions()
  const common = useCommon()
  const may = useMay('operator')
  const [isOpen, { open, close }] = useDisclosure()
  const why = whyNot(call)
  const unavailable = may ? (why === undefined ? undefined : say(why)) : common('needs_operator')
  return (
    <>
      <Button
        size="xs"
        variant="default"
        disabled={unavailable !== undefined}
        title={unavailable}
        onClick={open}
      >
        {say('transfer')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={say('transfer_title')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <TransferForm callId={call.call_id} onClose={close} />
      </Modal>
    </>
  )
}

function whyNot({ status, agent }: TransferProps['call']): 'over' | 'not_answered' | undefined {
  if (status === 'ended') return 'over'
  return status === 'answered' && agent.closed_at === null ? undefined : 'not_answered'
}

interface FormProps {
  readonly callId: string
  readonly onClose: () => void
}

function TransferForm({ callId, onClose }: FormProps) {
  const say = useCallActions()
  const common = useCommon()
  const [to, setTo] = useState('')
  const [mode, setMode] = useState<Mode>('auto')
  const [wasTyped, setWasTyped] = useState(false)
  // One intent is one number and one way: pressed twice it is asked for once.
  const intent = useRef({ asked: '', key: '' })
  const number = checkNumber(to)
  const action = useAction(() => handOver(callId, number, mode, intent.current), {
    done: say('transferring'),
    showsFailure: true,
    onDone: onClose,
  })
  const refused = action.error === null ? [] : asProblem(action.error).fields
  return (
    <Stack>
      <NumberInput
        label={say('to')}
        value={to}
        onChange={setTo}
        onBlur={() => setWasTyped(to !== '')}
        showsFault={wasTyped}
        refusal={refused.find(({ field }) => field === 'to')?.message}
      />
      <Radio.Group label={say('mode')} value={mode} onChange={setMode}>
        <Stack gap="xs" mt={6}>
          {MODES.map((one) => (
            <Radio
              key={one}
              value={one}
              label={say(`mode_${one}`)}
              description={say(`mode_${one}_hint`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Text size="sm">{say('transfer_consequences')}</Text>
      {action.error !== null && refused.length === 0 && <Failure error={action.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {common('cancel')}
        </Button>
        <Button
          disabled={number.fault !== null}
          loading={action.isRunning}
          onClick={() => action.run()}
        >
          {say('transfer_now')}
        </Button>
      </Group>
    </Stack>
  )
}

async function handOver(
  callId: string,
  number: ReturnType<typeof checkNumber>,
  mode: Mode,
  intent: { asked: string; key: string },
): Promise<unknown> {
  if (number.fault !== null) return undefined
  const asked = `${number.e164} ${mode}`
  if (intent.asked !== asked) Object.assign(intent, { asked, key: idempotencyKey() })
  return transferCall({
    path: { call_id: callId },
    body: { to: number.e164, mode },
    headers: { 'idempotency-key': intent.key },
  })
}
