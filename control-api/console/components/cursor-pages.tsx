// Pages of a list that goes by cursors: forward by the server's, back by those that were used.
import { useState } from 'react'
import { Button, Group, Text } from '@mantine/core'
import { useCommon } from '../words/common.ts'

export interface CursorPages {
  /** Of the page that is shown; undefined: the first. */
  readonly cursor: string | undefined
  /** From 1. */
  readonly number: number
  readonly older: (nextCursor: string) => void
  readonly newer: () => void
  /** To be called when the filters change: a cursor belongs to its filters. */
  readonly restart: () => void
}

export function useCursorPages(): CursorPages {
  const [used, setUsed] = useState<readonly string[]>([])
  return {
    cursor: used.at(-1),
    number: used.length + 1,
    older: (nextCursor) => setUsed((before) => [...before, nextCursor]),
    newer: () => setUsed((before) => before.slice(0, -1)),
    restart: () => setUsed([]),
  }
}

interface PagerProps {
  readonly pages: CursorPages
  readonly nextCursor: string | null
}

export function Pager({ pages, nextCursor }: PagerProps) {
  const say = useCommon()
  if (pages.number === 1 && nextCursor === null) return null
  return (
    <Group component="nav" aria-label={say('pages')} justify="flex-end" gap="xs">
      <Text size="sm" c="dimmed">
        {say('page', { number: pages.number })}
      </Text>
      <Button size="xs" variant="default" disabled={pages.number === 1} onClick={pages.newer}>
        {say('newer')}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={nextCursor === null}
        onClick={() => nextCursor !== null && pages.older(nextCursor)}
      >
        {say('older')}
      </Button>
    </Group>
  )
}
