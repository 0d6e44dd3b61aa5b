// A photo or a video is thrown away: for good, which is said first.
import { Stack, Text } from '@mantine/core'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import { nameOf } from '../media-words.ts'
import { refreshAnimations, refreshMedia } from '../queries.ts'
import { deleteMedia } from '../requests.ts'
import type { Media } from '../shapes.ts'
import { useFilesWords } from './words.ts'

interface DeleteMediaProps {
  readonly item: Media
  readonly onDone: () => void
}

export function DeleteMedia({ item, onDone }: DeleteMediaProps) {
  const say = useFilesWords()
  const common = useCommon()
  const may = useMay('operator')
  const name = nameOf(item)
  return (
    <ConfirmButton
      size="xs"
      color="red"
      label={say('delete')}
      ariaLabel={say('delete_of', { name })}
      consequences={
        <Stack gap="xs">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Text size="sm">{say(`delete_${item.kind}_what`)}</Text>
          <Text size="sm">{say('delete_for_good')}</Text>
        </Stack>
      }
      act={() => deleteMedia(item.media_id)}
      done={say('deleted')}
      onDone={() => {
        onDone()
        void refreshMedia()
        void refreshAnimations()
      }}
      unavailable={may ? undefined : common('needs_operator')}
    />
  )
}
