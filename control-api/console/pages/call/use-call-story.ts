// All that happened on a call: read once when it is over, as it is recorded while it goes on.
import { useCallback, useEffect, useRef, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import {
  getCallTimelineOptions,
  getTranscriptOptions,
  listSilencesOptions,
} from '../../api/generated/@tanstack/react-query.gen.ts'
import { refresh } from '../../api/queries.ts'
import { useLiveTimeline, type TimelineItem } from '../../live/call-timeline.ts'
import type { LiveMessage } from '../../live/live-feed.ts'
import { useLive } from '../../live/live.tsx'
import type { Silence, Speech, Turn } from './axis/axis-data.ts'
import type { Call } from './head/ending.ts'

export interface CallStory {
  readonly items: readonly TimelineItem[]
  readonly turns: readonly Turn[]
  readonly silences: readonly Silence[]
  readonly speech: readonly Speech[]
  /** Of its first reading. */
  readonly isLoading: boolean
  readonly error: unknown
}

const NONE: readonly never[] = []
/** However fast they talk, the server puts no more often together what is read anew while a call goes on. */
const READ_EVERY_MS = {
  getCall: 1000,
  getTranscript: 1000,
  // Of all its events, on the server's main thread.
  listSilences: 8000,
  getCallFlow: 1000,
} as const
type ReadAnew = keyof typeof READ_EVERY_MS

const SPOKEN: ReadonlySet<string> = new Set([
  'agent.user_transcript',
  'agent.response',
  'agent.response_corrected',
  'agent.heard',
  'prompt.started',
  'prompt.finished',
])
/** After these the call's own record says something new. */
const TOLD_OF_THE_CALL: ReadonlySet<string> = new Set([
  'agent.opened',
  'agent.metadata',
  'agent.closed',
  'machine.verdict',
  'consent.given',
])

const OF_THE_MENU: ReadonlySet<string> = new Set(['flow.asked', 'flow.answered', 'consent.given'])

const STORY = ['getCallTimeline', 'getTranscript', 'listSilences']
/** What an event of the feed says is no longer as it was read. */
const READ_AFTER: Readonly<Record<string, readonly string[]>> = {
  'call.ended': [...STORY, 'getCallFlow'],
  'call.reviewed': STORY,
  'transcript.ready': STORY,
  'recording.ready': [...STORY, 'getRecordingPeaks'],
  'conversation.ready': ['getCallConversation'],
  'consent.given': ['getCallTimeline'],
}

export function useCallStory(call: Call): CallStory {
  const path = { call_id: call.call_id }
  const isLive = call.status !== 'ended'
  // Once followed it is followed until its whole story is read: nothing blinks when it ends.
  const [wasLive] = useState(isLive)
  const timeline = useQuery({ ...getCallTimelineOptions({ path }), enabled: !isLive })
  const isRead = !isLive && timeline.data !== undefined
  const followed = useLiveTimeline(wasLive && !isRead ? call.call_id : null)
  const items = timeline.data !== undefined && !isLive ? timeline.data.items : followed
  const hasSpoken = isLive && items.some(({ type }) => SPOKEN.has(type))
  // Asking for what is not there would be a failure: it is asked for when it must be there.
  const transcript = useQuery({
    ...getTranscriptOptions({ path }),
    enabled: isLive ? hasSpoken : call.has_transcript,
  })
  const silences = useQuery({ ...listSilencesOptions({ path }), enabled: !isLive || hasSpoken })
  useReadingAnew(items, isLive)
  useNewsAfterwards(call.call_id)
  return {
    items,
    turns: transcript.data?.items ?? NONE,
    silences: silences.data?.items ?? NONE,
    speech: silences.data?.speech ?? NONE,
    isLoading: isLive ? false : timeline.isPending,
    error: timeline.error ?? transcript.error ?? silences.error,
  }
}

/** While it goes on: what the server folds from the events is read anew when there are more of them. */
function useReadingAnew(items: readonly TimelineItem[], isLive: boolean): void {
  const seen = useRef(0)
  const planned = useRef(new Map<ReadAnew, ReturnType<typeof setTimeout>>())
  useEffect(() => {
    const timers = planned.current
    const plan = (operation: ReadAnew): void => {
      if (timers.has(operation)) return
      const read = (): void => {
        timers.delete(operation)
        void refresh(operation)
      }
      timers.set(operation, setTimeout(read, READ_EVERY_MS[operation]))
    }
    const more = items.slice(seen.current)
    seen.current = items.length
    if (!isLive) return
    if (more.some(({ type }) => TOLD_OF_THE_CALL.has(type))) plan('getCall')
    if (more.some(({ type }) => OF_THE_MENU.has(type))) plan('getCallFlow')
    if (!more.some(({ type }) => SPOKEN.has(type))) return
    plan('getTranscript')
    plan('listSilences')
  }, [items, isLive])
  useEffect(() => {
    const timers = planned.current
    return () => {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    }
  }, [])
}

/** When it ends, and what is told of it later; the call itself is kept fresh for every page (live/keep-fresh.ts). */
function useNewsAfterwards(callId: string): void {
  useLive(
    useCallback(
      ({ call_id: of, type }: LiveMessage) => {
        if (of === callId) void refresh(...(READ_AFTER[type] ?? NONE))
      },
      [callId],
    ),
  )
}
