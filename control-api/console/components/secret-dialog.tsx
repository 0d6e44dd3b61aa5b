// A secret that was just made, in a dialog that a stray click or key does not close: it is never shown again.
import type { ReactNode } from 'react'
import { Modal, Stack } from '@mantine/core'
import { useCommon } from '../words/common.ts'
import { SecretOnce } from './secret-once.tsx'

interface SecretDialogProps {
  readonly title: string
  /** Null: none is shown. */
  readonly secret: string | null
  readonly onClose: () => void
  /** What to do with it. */
  readonly children?: ReactNode
}

export function SecretDialog({ title, secret, onClose, children }: SecretDialogProps) {
  const say = useCommon()
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      closeButtonProps={{ 'aria-label': say('close') }}
    >
      <Stack>
        {secret !== null && <SecretOnce secret={secret} onClose={onClose} />}
        {children}
      </Stack>
    </Modal>
  )
}
