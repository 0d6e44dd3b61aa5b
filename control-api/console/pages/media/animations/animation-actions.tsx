// What can be done with an animation: stopped while it goes on, tried again, thrown away.
import { Stack, Text } from '@mantine/core'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { refreshAnimations, refreshProviders } from '../queries.ts'
import { cancelAnimation, deleteAnimation, retryAnimation } from '../requests.ts'
import { PROVIDER_NAMES, type Animation } from '../shapes.ts'
import { isUnderWay } from './how-far.tsx'
import { shortened } from './shortened.ts'
import { useAnimationWords } from './words.ts'

interface AnimationActionsProps {
  readonly animation: Animation
  /** The record is gone. */
  readonly onGone?: () => void
}

const readAgain = (): void => {
  void refreshAnimations()
  void refreshProviders()
}

export function AnimationActions({ animation, onGone }: AnimationActionsProps) {
  const say = useAnimationWords()
  const common = useCommon()
  const may = useMay('operator')
  const { task_id: id, prompt, provider, may_retry: mayRetry, may_cancel: mayCancel } = animation
  const unavailable = may ? undefined : common('needs_operator')
  const words = shortened(prompt)
  const name = PROVIDER_NAMES[provider]
  const what = (text: string, more?: string) => (
    <Stack gap="xs">
      <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
        {words}
      </Text>
      <Text size="sm">{text}</Text>
      {more !== undefined && <Text size="sm">{more}</Text>}
    </Stack>
  )
  return (
    <>
      {mayCancel && (
        <ConfirmButton
          size="compact-xs"
          label={say('cancel')}
          ariaLabel={say('cancel_of', { words })}
          consequences={what(say('cancel_what'), say('cancel_billed', { name }))}
          act={() => cancelAnimation(id)}
          done={say('canceled')}
          onDone={readAgain}
          unavailable={unavailable}
        />
      )}
      {mayRetry && (
        <ConfirmButton
          size="compact-xs"
          color="signal"
          label={say('retry')}
          ariaLabel={say('retry_of', { words })}
          consequences={what(say('retry_what'), say('retry_billed', { name }))}
          act={() => retryAnimation(id)}
          done={say('retried')}
          onDone={readAgain}
          unavailable={unavailable}
        />
      )}
      {!isUnderWay(animation) && (
        <ConfirmButton
          size="compact-xs"
          color="red"
          label={say('delete')}
          ariaLabel={say('delete_of', { words })}
          consequences={what(say('delete_what'), say('delete_for_good'))}
          act={() => deleteAnimation(id)}
          done={say('deleted')}
          onDone={() => {
            onGone?.()
            readAgain()
          }}
          unavailable={unavailable}
        />
      )}
    </>
  )
}
