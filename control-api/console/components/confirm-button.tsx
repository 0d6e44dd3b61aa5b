// A button for what costs money or destroys something: it asks first, saying what will happen.
import { useState, type ReactNode } from 'react'
import { Button, Group, Modal, Stack, TextInput, type ButtonProps } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useCommon } from '../words/common.ts'
import { Failure } from './failure.tsx'
import { useAction } from './use-action.ts'
import { useActionDialog } from './use-action-dialog.ts'

interface ConfirmButtonProps<R> extends Omit<ButtonProps, 'onClick' | 'children'> {
  readonly label: string
  /** When several on one page read alike: which one this is, for those who hear the page. */
  readonly ariaLabel?: string
  /** What will happen, and whether it can be undone. */
  readonly consequences: ReactNode
  /** Must be typed; for what cannot be undone. */
  readonly typed?: string
  /** Said when it is done. */
  readonly done?: string
  readonly act: () => Promise<R>
  readonly onDone?: (result: R) => void
  /** Why it cannot be pressed now. */
  readonly unavailable?: string | undefined
}

export function ConfirmButton<R>(props: ConfirmButtonProps<R>) {
  const { label, ariaLabel, consequences, typed, done, act, onDone, unavailable, ...button } = props
  const say = useCommon()
  const [isOpen, { open, close }] = useDisclosure()
  const [word, setWord] = useState('')
  const action = useAction(act, {
    ...(done === undefined ? {} : { done }),
    showsFailure: true,
    onDone: (result) => {
      close()
      onDone?.(result)
    },
  })
  const dialog = useActionDialog(action, { open, close })
  const start = (): void => {
    setWord('')
    dialog.start()
  }
  const isOff = unavailable !== undefined
  return (
    <>
      <Button
        variant="default"
        {...button}
        onClick={start}
        disabled={isOff}
        title={unavailable}
        {...(ariaLabel === undefined ? {} : { 'aria-label': ariaLabel })}
      >
        {label}
      </Button>
      <Modal opened={isOpen} title={label} {...dialog.modal}>
        <Stack>
          <div>{consequences}</div>
          {typed !== undefined && (
            <TextInput
              label={say('type_to_confirm', { word: typed })}
              value={word}
              onChange={(event) => setWord(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          {action.error !== null && <Failure error={action.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} disabled={action.isRunning}>
              {say('cancel')}
            </Button>
            <Button
              color={button.color ?? 'red'}
              loading={action.isRunning}
              disabled={typed !== undefined && word.trim() !== typed}
              onClick={() => action.run()}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
