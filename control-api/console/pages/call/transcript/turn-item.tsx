// One turn: who, when, what, and in words what of it was never heard.
import { memo, useEffect, useRef } from 'react'
import { Group, Text, UnstyledButton } from '@mantine/core'
import type { Turn } from '../axis/axis-data.ts'
import type { Call } from '../head/ending.ts'
import { roleWords, saidWords, turnNote } from './turn-words.ts'
import { clock, heardWords } from './turns.ts'
import styles from './transcript.module.css'
import { useTranscriptWords } from './words.ts'

interface TurnItemProps {
  readonly turn: Turn
  readonly direction: Call['direction']
  readonly isLive: boolean
  /** It is being said where the cursor is. */
  readonly isCurrent: boolean
  readonly isSelected: boolean
  readonly onPick: (turn: Turn) => void
}

export const TurnItem = memo(function TurnItem(props: TurnItemProps) {
  const { turn, direction, isLive, isCurrent, isSelected, onPick } = props
  const say = useTranscriptWords()
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isCurrent || isSelected) showInList(item.current)
  }, [isCurrent, isSelected])
  const known = heardWords(turn)
  const note = turnNote(turn, isLive, say)
  const time = clock(turn.offset_ms)
  const classes = [styles['turn'], styles[turn.role]]
  if (isCurrent) classes.push(styles['current'])
  if (isSelected) classes.push(styles['selected'])
  return (
    <li
      ref={item}
      className={classes.join(' ')}
      aria-current={isCurrent ? 'true' : undefined}
      onClick={() => onPick(turn)}
    >
      <Group gap="xs">
        <Text span size="xs" fw={600}>
          {roleWords(turn, direction, say)}
        </Text>
        {/* The click goes on to the whole turn; this is for the keyboard. */}
        <UnstyledButton fz="xs" c="dimmed" aria-label={say('play_from', { time })}>
          {time}
        </UnstyledButton>
      </Group>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {known === null ? saidWords(turn, say) : known.heard}
        {known !== null && known.unheard !== '' && (
          <span className={styles['unheard']}>
            {' '}
            [{say('unheard_words')} {known.unheard}]
          </span>
        )}
      </Text>
      {note !== '' && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </li>
  )
})

/** Moves the list alone: the page stays where its reader put it. */
function showInList(item: HTMLElement | null): void {
  const list = item?.closest<HTMLElement>('[data-scrolls]')
  if (!item || !list) return
  const [inner, outer] = [item.getBoundingClientRect(), list.getBoundingClientRect()]
  if (inner.top >= outer.top && inner.bottom <= outer.bottom) return
  list.scrollBy({ top: inner.top - outer.top - outer.height / 3 })
}
