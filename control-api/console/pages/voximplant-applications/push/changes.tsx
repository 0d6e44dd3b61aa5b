// What the script at Voximplant has now, and what it would have.
import { useMemo } from 'react'
import { Stack, Text } from '@mantine/core'
import type { PushPreview } from '../../../components/voximplant/shapes.ts'
import { number } from '../../../words/amounts.ts'
import { DiffView } from '../diff/diff-view.tsx'
import { diffOf } from '../diff/line-diff.ts'
import { useApplications } from '../words.ts'

export function Changes({ preview }: { readonly preview: PushPreview }) {
  const say = useApplications()
  const { current, wanted, is_same: isSame } = preview
  const diff = useMemo(() => diffOf(current?.code ?? '', wanted.code), [current, wanted])
  if (isSame)
    return (
      <Text size="sm" role="status">
        {say('is_same', { name: wanted.name })}
      </Text>
    )
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        {say('changes')}
      </Text>
      <Text size="sm" c="dimmed">
        {current === null
          ? say('is_new', { name: wanted.name })
          : say('overwrites', {
              name: current.name,
              added: number(diff.added),
              removed: number(diff.removed),
            })}
      </Text>
      <DiffView label={say('changes')} diff={diff} />
    </Stack>
  )
}
