// The same events as a plain list, in order: for keyboards, for those who hear the page, and for narrow screens.
import { useEffect, useRef } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Empty } from '../../../components/loaded.tsx'
import { useAxisWords } from './axis-words.ts'
import type { Entry, Lane } from './entry.ts'
import { clockText } from './ruler-ticks.ts'
import { toneClass } from './tones.ts'
import css from './axis.module.css'

interface EntryListProps {
  readonly entries: readonly Entry[]
  readonly selectedKey: string | null
  readonly onChoose: (entry: Entry) => void
}

const ROW_PX = 34
const OVERSCAN = 8

const KINDS = {
  state: 'list_kind_state',
  sip: 'list_kind_sip',
  link: 'list_kind_agent',
  session: 'list_kind_agent',
  agent: 'list_kind_agent',
  call: 'list_kind_call',
  silence: 'list_kind_silence',
  'caller-words': 'list_kind_caller_says',
  'agent-words': 'list_kind_agent_says',
} as const satisfies Readonly<Record<Lane, string>>

export function EntryList({ entries, selectedKey, onChoose }: EntryListProps) {
  const say = useAxisWords()
  const frame = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- Nothing here is memoized by what it returns.
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  })
  const chosen = selectedKey === null ? -1 : entries.findIndex(({ key }) => key === selectedKey)
  useEffect(() => {
    if (chosen >= 0) rows.scrollToIndex(chosen, { align: 'auto' })
  }, [rows, chosen])
  if (entries.length === 0) return <Empty title={say('empty')} />
  return (
    <div ref={frame} className={css['list']} tabIndex={-1}>
      <div
        role="list"
        aria-label={say('list')}
        style={{ height: rows.getTotalSize(), position: 'relative' }}
      >
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index]
          if (entry === undefined) return null
          const { key, lane, fromMs, title, tone } = entry
          return (
            <div
              key={key}
              role="listitem"
              aria-setsize={entries.length}
              aria-posinset={index + 1}
              className={css['item']}
              style={{ transform: `translateY(${start}px)` }}
            >
              <button
                type="button"
                className={`${css['choice'] ?? ''} ${toneClass(tone)}`}
                aria-pressed={key === selectedKey}
                onClick={() => onChoose(entry)}
              >
                <span className={css['when']}>{clockText(fromMs)}</span>
                <span className={css['kind']}>{say(KINDS[lane])}</span>
                <span>{title}</span>
              </button>
            </div>
          )
        })}
      </div>
    </div>
  )
}
