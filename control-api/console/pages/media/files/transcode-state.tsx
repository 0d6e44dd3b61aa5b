// How far a video is on its way to one that every browser plays.
import { Stack, Text } from '@mantine/core'
import { percent } from '../../../words/amounts.ts'
import { nameOf } from '../media-words.ts'
import { ProgressBar } from '../progress-bar.tsx'
import type { Media } from '../shapes.ts'
import { useFilesWords } from './words.ts'

interface TranscodeStateProps {
  readonly item: Media
  /** Only what goes on. */
  readonly isShort?: boolean
}

export function TranscodeState({ item, isShort = false }: TranscodeStateProps) {
  const say = useFilesWords()
  const { transcode } = item
  if (transcode === null) return null
  const { state, progress, error } = transcode
  if (state === 'done') return null
  if (state === 'failed')
    return isShort ? null : (
      <Text size="sm" role="alert">
        {say('transcode_failed')} {error}
      </Text>
    )
  const words =
    state === 'running' && progress !== null
      ? say('transcode_at', { share: percent(progress) })
      : say('transcode_waits')
  return (
    <Stack gap={4} mt={isShort ? 6 : 0}>
      <ProgressBar
        share={progress ?? 0}
        label={say('transcode_of', { name: nameOf(item) })}
        words={words}
      />
      {/* On the colour of an alert, grey would be hard to read. */}
      <Text size="xs" {...(isShort ? { c: 'dimmed' } : {})}>
        {words}
      </Text>
    </Stack>
  )
}
