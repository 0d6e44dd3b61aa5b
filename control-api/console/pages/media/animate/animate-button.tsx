// On a photo: make it speak.
import { use } from 'react'
import { Button } from '@mantine/core'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { useProviders } from '../queries.ts'
import type { Media } from '../shapes.ts'
import { useMediaWords } from '../words.ts'
import { AnimateContext } from './animate-context.ts'

interface AnimateButtonProps {
  readonly photo: Media
  /** Its name. */
  readonly about: string
  readonly isMain?: boolean
  readonly onStart?: () => void
}

export function AnimateButton({ photo, about, isMain = false, onStart }: AnimateButtonProps) {
  const say = useMediaWords()
  const common = useCommon()
  const may = useMay('operator')
  const start = use(AnimateContext)
  const { data: known } = useProviders()
  const lacks = known?.items.every(({ is_configured: is }) => !is) === true
  const why = may ? (lacks ? say('no_provider') : undefined) : common('needs_operator')
  return (
    <Button
      size="compact-xs"
      variant={isMain ? 'filled' : 'default'}
      disabled={why !== undefined}
      title={why}
      aria-label={say('animate_of', { name: about })}
      onClick={() => {
        onStart?.()
        start({ photo })
      }}
    >
      {say('animate')}
    </Button>
  )
}
