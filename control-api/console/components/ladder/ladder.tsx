// The ladder of a call: carrier, gateway and agent as lifelines, what they say to each other as arrows, drawn as it comes.
import { memo, useEffect, useMemo, useRef } from 'react'
import { Text, VisuallyHidden } from '@mantine/core'
import { locale } from '../../words/language.ts'
import { drawnEntries, offsetWords, type DrawnEntry, type LadderEntry } from './ladder-entry.ts'
import { useLabel } from './use-label.ts'
import { useLadderWords } from './words.ts'
import styles from './ladder.module.css'

interface LadderProps {
  /** What it is the ladder of, for those who hear the page. */
  readonly label: string
  readonly entries: readonly LadderEntry[]
  /** More will come: the newest is kept in sight while its reader is at the end. */
  readonly isGrowing: boolean
  /** The highest it may get before it scrolls, as CSS has lengths. */
  readonly maxHeight?: string
}

export function Ladder({ label, entries, isGrowing, maxHeight = '34rem' }: LadderProps) {
  const say = useLadderWords()
  const drawn = useMemo(() => drawnEntries(entries), [entries])
  const scroller = useStickyEnd(drawn.length, isGrowing)
  return (
    <div className={styles['ladder']}>
      <div className={styles['heads']} aria-hidden="true">
        <span className={styles['since']}>{say('since')}</span>
        <span>{say('carrier')}</span>
        <span className={styles['gateway']}>{say('gateway')}</span>
        <span className={styles['agent']}>{say('agent')}</span>
      </div>
      <div
        ref={scroller}
        className={styles['scroller']}
        style={{ maxHeight }}
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <ol className={styles['rungs']}>
          {drawn.map((one) => (
            <Rung key={one.key} drawn={one} />
          ))}
        </ol>
      </div>
      {drawn.some(({ isPaid }) => isPaid) && (
        <Text size="xs" c="dimmed" mt={6}>
          {say('paid')}
        </Text>
      )}
    </div>
  )
}

interface RungProps {
  readonly drawn: DrawnEntry
}

const Rung = memo(
  function Rung({ drawn: { entry, isPaid, pause } }: RungProps) {
    const say = useLadderWords()
    const labelOf = useLabel()
    const { lane, direction, label, tone = 'plain', offset_ms: at } = entry
    const way = direction === 'note' ? 'way-note' : (`way-${lane}-${direction}` as const)
    const place = direction === 'note' ? 'note' : lane
    return (
      <li
        className={styles['rung']}
        data-pause={pause}
        data-paid={isPaid ? (entry.agent ?? 'on') : undefined}
      >
        <span className={styles['offset']}>{offsetWords(at, locale())}</span>
        <span className={styles['lines']} aria-hidden="true" />
        <span className={styles[place]} data-direction={direction} data-tone={tone}>
          <VisuallyHidden>{say(way)} </VisuallyHidden>
          <span>{labelOf(label)}</span>
        </span>
      </li>
    )
  },
  // Each is made anew with every item that comes; what it says stays.
  ({ drawn: one }, { drawn: other }) =>
    one.key === other.key && one.isPaid === other.isPaid && one.pause === other.pause,
)

/** Whoever scrolled up to read stays there. */
function useStickyEnd(length: number, isGrowing: boolean) {
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    const box = scroller.current
    if (!box) return undefined
    const look = (): void => {
      isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40
    }
    box.addEventListener('scroll', look, { passive: true })
    return () => box.removeEventListener('scroll', look)
  }, [])
  useEffect(() => {
    const box = scroller.current
    if (box && isGrowing && isAtEnd.current) box.scrollTop = box.scrollHeight
  }, [length, isGrowing])
  return scroller
}
