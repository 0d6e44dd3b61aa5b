// The words of a call as they are spoken, keys and messages among them.
import { memo, useEffect, useMemo, useRef } from 'react'
import { Text } from '@mantine/core'
import type { TimelineItem } from '../../live/call-timeline.ts'
import { clock, spokenLines, type SpokenLine } from './spoken-lines.ts'
import { useSpokenWords } from './words.ts'
import styles from './spoken.module.css'

interface SpokenProps {
  readonly items: readonly TimelineItem[]
  /** Who is at the far end: of a call of ours it is the one who was called. */
  readonly direction: 'inbound' | 'outbound'
  readonly isLive: boolean
  /** Somebody picked up, so something may be said. */
  readonly isAnswered: boolean
}

export function Spoken({ items, direction, isLive, isAnswered }: SpokenProps) {
  const say = useSpokenWords()
  const lines = useMemo(() => spokenLines(items), [items])
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const box = list.current
    // Who scrolled up to read stays there.
    if (box && box.scrollHeight - box.scrollTop - box.clientHeight < 160)
      box.scrollTop = box.scrollHeight
  }, [lines])
  if (lines.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {say(isLive ? (isAnswered ? 'nothing_yet' : 'not_answered_yet') : 'nothing')}
      </Text>
    )
  return (
    <div
      ref={list}
      className={styles['scroller']}
      role="log"
      aria-label={say('title')}
      tabIndex={0}
    >
      <ol className={styles['lines']}>
        {lines.map((line) => (
          <Line key={line.key} line={line} direction={direction} />
        ))}
      </ol>
    </div>
  )
}

interface LineProps {
  readonly line: SpokenLine
  readonly direction: SpokenProps['direction']
}

const Line = memo(
  function Line({ line: { who, kind, text, isInterrupted, offset_ms: at }, direction }: LineProps) {
    const say = useSpokenWords()
    const name = who === 'caller' && direction === 'outbound' ? 'callee' : who
    return (
      <li className={styles['line']} data-who={who} data-kind={kind}>
        <Text size="xs" c="dimmed" component="div">
          <b>{say(name)}</b> {clock(at)}
        </Text>
        <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
          {kind === 'words' ? text : say(kind === 'key' ? 'key' : 'message')}
          {isInterrupted && (
            <Text span size="xs" c="dimmed">
              {' '}
              {say('interrupted')}
            </Text>
          )}
        </Text>
      </li>
    )
  },
  ({ line: one, direction: oneWay }, { line: other, direction: otherWay }) =>
    one.key === other.key &&
    one.text === other.text &&
    one.isInterrupted === other.isInterrupted &&
    oneWay === otherWay,
)
