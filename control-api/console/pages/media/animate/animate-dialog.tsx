// A photo and words become a talking video: which photo, which words, whose voice, by whom, and what that costs.
import { useRef, useState } from 'react'
import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { useLocation } from 'wouter'
import { asProblem } from '../../../api/problem.ts'
import { Failure } from '../../../components/failure.tsx'
import { Empty, Loaded } from '../../../components/loaded.tsx'
import { useAction, type Action } from '../../../components/use-action.ts'
import { useActionDialog } from '../../../components/use-action-dialog.ts'
import { useCommon } from '../../../words/common.ts'
import { animationAddress } from '../paths.ts'
import { refreshAnimations, refreshProviders, useProviders } from '../queries.ts'
import type { AnimateBody, Providers } from '../shapes.ts'
import { useMediaWords } from '../words.ts'
import type { AnimateStart } from './animate-context.ts'
import { bodyOf, chosenProvider, EMPTY_DRAFT, type AnimateDraft } from './animate-draft.ts'
import { AnimateFields } from './animate-fields.tsx'
import { askAnimation, useIsUncertain } from './ask-animation.ts'
import { CostNote } from './cost-note.tsx'
import { useAnimateWords } from './words.ts'

interface AnimateDialogProps {
  /** Null: it is closed. */
  readonly start: AnimateStart | null
  readonly onClose: () => void
}

export function AnimateDialog({ start, onClose }: AnimateDialogProps) {
  const say = useAnimateWords()
  const query = useProviders()
  const [, navigate] = useLocation()
  const [draft, change] = useDraft(start)
  const isSending = useRef(false)
  const send = (body: AnimateBody) =>
    askAnimation(body).finally(() => {
      isSending.current = false
    })
  const action = useAction(send, {
    showsFailure: true,
    done: say('asked'),
    onDone({ task_id: id }) {
      change({ prompt: '', photo: null, imageUrl: '' })
      onClose()
      void refreshAnimations()
      void refreshProviders()
      navigate(animationAddress(id))
    },
  })
  const run = (body: AnimateBody): void => {
    // The second click of a double one comes before anything is drawn anew.
    if (isSending.current) return
    isSending.current = true
    action.run(body)
  }
  const { modal } = useActionDialog(action, { open: () => undefined, close: onClose })
  return (
    <Modal opened={start !== null} title={say('title')} size="lg" {...modal}>
      {start !== null && (
        <Loaded query={query}>
          {(known) => (
            <Form
              known={known}
              draft={draft}
              change={(patch) => {
                // What was refused was changed since.
                if (!action.isRunning) action.reset()
                change(patch)
              }}
              action={{ ...action, run }}
              onClose={onClose}
            />
          )}
        </Loaded>
      )}
    </Modal>
  )
}

/** What was typed stays while the page does: a dialog is closed easily. */
function useDraft(start: AnimateStart | null) {
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const [seen, setSeen] = useState<AnimateStart | null>(null)
  if (start !== seen) {
    setSeen(start)
    if (start !== null && start.photo !== null)
      setDraft({ ...draft, source: 'library', photo: start.photo })
  }
  const change = (patch: Partial<AnimateDraft>): void =>
    setDraft((before) => ({ ...before, ...patch }))
  return [draft, change] as const
}

interface FormProps {
  readonly known: Providers
  readonly draft: AnimateDraft
  readonly change: (patch: Partial<AnimateDraft>) => void
  readonly action: Action<AnimateBody>
  readonly onClose: () => void
}

function Form({ known, draft, change, action, onClose }: FormProps) {
  const say = useAnimateWords()
  const common = useCommon()
  const words = useMediaWords()
  const provider = chosenProvider(draft, known)
  const body = provider === undefined ? null : bodyOf(draft, provider)
  const isUncertain = useIsUncertain(body)
  if (provider === undefined) return <Empty title={words('no_provider')} />
  const { error } = action
  const problem = error === null ? null : asProblem(error)
  // That no answer came is said by itself, and what it means.
  const isTold = isUncertain && problem?.status === 0
  return (
    <Stack gap="md">
      <AnimateFields
        known={known}
        provider={provider}
        draft={draft}
        change={change}
        problem={problem}
      />
      <CostNote provider={provider} />
      {!known.video_tools && <Alert color="yellow">{say('no_tools')}</Alert>}
      {isUncertain && (
        <Alert color="yellow" role="alert" title={say('uncertain')}>
          {say('uncertain_hint')}
        </Alert>
      )}
      {problem !== null && !isTold && <Failure error={problem} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} disabled={action.isRunning}>
          {common('cancel')}
        </Button>
        <Button
          loading={action.isRunning}
          disabled={body === null}
          title={body === null ? say('incomplete') : undefined}
          onClick={() => body !== null && action.run(body)}
        >
          {say(isUncertain ? 'again_safely' : 'start')}
        </Button>
      </Group>
    </Stack>
  )
}
