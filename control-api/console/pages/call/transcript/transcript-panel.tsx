// The conversation to read: clicking a line goes there, and the line that is being heard is marked.
import { useCallback, useEffect, useMemo, useRef } from 'react'
import { Badge, Box, Card, Group, Stack, Text, Title } from '@mantine/core'
import { turnKey, type CallAxisProps, type Turn } from '../axis/axis-types.ts'
import type { Call } from '../head/ending.ts'
import { TurnItem } from './turn-item.tsx'
import { keySpokenAt, spokenTimes, type Spoken } from './turns.ts'
import styles from './transcript.module.css'
import { useTranscriptWords, type SayTranscript } from './words.ts'

type TranscriptPanelProps = Pick<
  CallAxisProps,
  'call' | 'items' | 'turns' | 'speech' | 'isLive' | 'selected' | 'onSelect' | 'player'
>

export function TranscriptPanel(props: TranscriptPanelProps) {
  const { call, items, turns, speech, isLive } = props
  const say = useTranscriptWords()
  const spoken = useMemo(() => spokenTimes(turns, speech), [turns, speech])
  return (
    <Card withBorder component="section" aria-labelledby="transcript-title">
      <Stack gap="sm">
        <Group gap="xs">
          <Title order={2} size="h5" id="transcript-title">
            {say('title')}
          </Title>
          {isLive && (
            <Badge variant="dot" color="red">
              {say('live')}
            </Badge>
          )}
        </Group>
        {turns.length === 0 ? (
          <NoWords call={call} items={items} isLive={isLive} say={say} />
        ) : (
          <Conversation {...props} spoken={spoken} />
        )}
      </Stack>
    </Card>
  )
}

type ConversationProps = TranscriptPanelProps & { readonly spoken: readonly Spoken[] }

function Conversation(props: ConversationProps) {
  const { call, turns, spoken, isLive, selected, onSelect, player } = props
  const say = useTranscriptWords()
  const current = keySpokenAt(spoken, player.useTime())
  const list = useFollowedEnd(turns.length, isLive)
  const pick = useCallback(
    (turn: Turn): void => {
      const key = turnKey(turn)
      const offsetMs = spoken.find((one) => one.key === key)?.fromMs ?? turn.offset_ms
      player.seek(offsetMs)
      onSelect({ offsetMs, key })
    },
    [spoken, player, onSelect],
  )
  return (
    <Box
      ref={list}
      data-scrolls
      mah={{ base: '70vh', md: 640 }}
      style={{ overflowY: 'auto' }}
      tabIndex={0}
      role="region"
      aria-label={say('title')}
    >
      <ol className={styles['turns']} {...(isLive ? { 'aria-live': 'polite' } : {})}>
        {turns.map((turn, index) => (
          <TurnItem
            // Two may begin at the same time.
            key={`${index} ${turnKey(turn)}`}
            turn={turn}
            direction={call.direction}
            isLive={isLive}
            isCurrent={turnKey(turn) === current}
            isSelected={turnKey(turn) === selected?.key}
            onPick={pick}
          />
        ))}
      </ol>
    </Box>
  )
}

const AT_END_PX = 80

/** While it grows the newest is in sight, unless its reader went back to read. */
function useFollowedEnd(count: number, isLive: boolean) {
  const list = useRef<HTMLDivElement>(null)
  const wasAtEnd = useRef(true)
  useEffect(() => {
    const { current } = list
    if (!current || !isLive) return undefined
    if (wasAtEnd.current) current.scrollTop = current.scrollHeight
    const look = (): void => {
      wasAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < AT_END_PX
    }
    current.addEventListener('scroll', look, { passive: true })
    return () => current.removeEventListener('scroll', look)
  }, [count, isLive])
  return list
}

interface NoWordsProps {
  readonly call: Call
  readonly items: CallAxisProps['items']
  readonly isLive: boolean
  readonly say: SayTranscript
}

const NoWords = ({ call, items, isLive, say }: NoWordsProps) => (
  <Text size="sm" c="dimmed" role="status">
    {isLive ? null : `${say('none')}. `}
    {hadMenu(items) && call.agent.opened_at === null
      ? say('none_menu')
      : whyNone(call, isLive, say)}
  </Text>
)

const hadMenu = (items: CallAxisProps['items']): boolean =>
  items.some(({ type }) => type === 'flow.asked')

function whyNone(call: Call, isLive: boolean, say: SayTranscript): string {
  if (isLive) return say(call.answered_at === null ? 'not_answered_yet' : 'nothing_yet')
  if (call.answered_at === null) return say('none_unanswered')
  return say(call.agent.opened_at === null ? 'none_no_agent' : 'none_kept')
}
