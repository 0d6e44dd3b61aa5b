// Something that somebody does by a click: once at a time, and its failure is said.
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { asProblem } from '../api/problem.ts'
import { useCommon } from '../words/common.ts'
import { problemWords } from './failure.tsx'

export interface Action<A> {
  run(argument: A): void
  readonly isRunning: boolean
  readonly error: unknown
  reset(): void
}

interface ActionOptions<R> {
  /** Said when it is done. */
  readonly done?: string
  readonly onDone?: (result: R) => void
  /** The caller shows the failure itself, beside what was typed. */
  readonly showsFailure?: boolean
}

export function useAction<R, A = void>(
  act: (argument: A) => Promise<R>,
  { done, onDone, showsFailure = false }: ActionOptions<R> = {},
): Action<A> {
  const say = useCommon()
  const closeButtonProps = { 'aria-label': say('close') }
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: act,
    onSuccess: (result) => {
      if (done !== undefined) notifications.show({ message: done, color: 'teal', closeButtonProps })
      onDone?.(result)
    },
    onError: (thrown) => {
      if (showsFailure) return
      const message = problemWords(asProblem(thrown), say)
      notifications.show({
        title: say('failed'),
        message,
        color: 'red',
        autoClose: 10_000,
        closeButtonProps,
      })
    },
  })
  return { run: (argument) => mutate(argument), isRunning: isPending, error, reset }
}
