// One page of a list that people narrow: what was found and the pages beside it, or why there is nothing.
import type { ReactNode } from 'react'
import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { useCommon } from '../words/common.ts'
import type { Say } from '../words/define-words.ts'
import { Pager, type CursorPages } from './cursor-pages.tsx'
import { Empty } from './loaded.tsx'

interface FoundPageProps {
  readonly found: { readonly items: readonly unknown[]; readonly next_cursor: string | null }
  readonly pages: CursorPages
  /** What is shown is of the search before: the new one is on its way. */
  readonly areEarlier: boolean
  readonly isNarrowed: boolean
  /** Undefined where the filters have their own way to be cleared. */
  readonly clear?: () => void
  /** The list's own words. */
  readonly say: Say<'live' | 'past' | 'none_found' | 'none_found_hint'>
  /** Where nothing was narrowed, and there is nothing. */
  readonly noneYet: ReactNode
  /** The pager, and what stands beside it. */
  readonly foot?: (pager: ReactNode) => ReactNode
  readonly children: ReactNode
}

export function FoundPage(props: FoundPageProps) {
  const { found, pages, areEarlier, isNarrowed, clear, say, noneYet, foot, children } = props
  const common = useCommon()
  if (found.items.length === 0 && !areEarlier && pages.number === 1)
    return isNarrowed ? <NoneFound say={say} clear={clear} /> : noneYet
  const pager = <Pager pages={pages} nextCursor={areEarlier ? null : found.next_cursor} />
  return (
    <Stack gap="xs">
      <Group gap="xs" mih={22} role="status">
        {areEarlier && <Loader size={14} />}
        <Text size="sm" c="dimmed">
          {areEarlier ? common('searching') : say(pages.number === 1 ? 'live' : 'past')}
        </Text>
      </Group>
      {children}
      {foot ? foot(pager) : pager}
    </Stack>
  )
}

interface NoneFoundProps {
  readonly say: FoundPageProps['say']
  readonly clear: (() => void) | undefined
}

function NoneFound({ say, clear }: NoneFoundProps) {
  const common = useCommon()
  return (
    <Empty title={say('none_found')}>
      <Stack align="center" gap="sm">
        {say('none_found_hint')}
        {clear && (
          <Button variant="default" size="xs" onClick={clear}>
            {common('clear')}
          </Button>
        )}
      </Stack>
    </Empty>
  )
}
