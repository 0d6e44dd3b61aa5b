// A dialog around an action: it stays while the action runs, so that nobody opens it anew and sends the same twice.
import { useCommon } from '../words/common.ts'
import type { Action } from './use-action.ts'

interface Disclosure {
  readonly open: () => void
  readonly close: () => void
}

/** `modal`: for the Modal; its cancel button is disabled while it runs. */
export function useActionDialog(
  action: Pick<Action<never>, 'isRunning' | 'reset'>,
  { open, close }: Disclosure,
) {
  const say = useCommon()
  const { isRunning } = action
  return {
    start: () => {
      if (!isRunning) action.reset()
      open()
    },
    modal: {
      onClose: () => {
        if (!isRunning) close()
      },
      closeOnEscape: !isRunning,
      closeOnClickOutside: !isRunning,
      closeButtonProps: { 'aria-label': say('close'), disabled: isRunning },
    },
  }
}
