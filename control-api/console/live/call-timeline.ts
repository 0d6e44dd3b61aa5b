// The timeline of one call, growing while the call lasts.
import { useEffect, useState } from 'react'
import { createLiveFeed } from './live-feed.ts'

/** As GET /api/calls/{call_id}/timeline gives it (docs/events.md): the rest of the fields depend on the type. */
export interface TimelineItem extends Readonly<Record<string, unknown>> {
  readonly at: string
  /** Since the call was created. */
  readonly offset_ms: number
  readonly type: string
}

/**
 * From its beginning on, each item once, as it is recorded; the words as they are heard too.
 * @param callId null: of none yet
 */
export function useLiveTimeline(callId: string | null): readonly TimelineItem[] {
  const [shown, setShown] = useState<{ callId: string | null; items: readonly TimelineItem[] }>({
    callId: null,
    items: [],
  })
  useEffect(() => {
    if (callId === null) return undefined
    const feed = createLiveFeed({ detail: 'timeline', call_id: callId }, '0')
    // A call's past comes in one go: drawn once for all of it.
    let come: TimelineItem[] = []
    let frame: number | undefined
    const show = (): void => {
      frame = undefined
      const more = come
      come = []
      setShown((before) => ({
        callId,
        items: before.callId === callId ? [...before.items, ...more] : more,
      }))
    }
    feed.subscribe(({ type, at, data }) => {
      // It is told from its beginning again.
      if (type === 'gap') {
        come = []
        setShown({ callId, items: [] })
        return
      }
      come.push({ ...data, type, at, offset_ms: Number(data['offset_ms'] ?? 0) })
      frame ??= requestAnimationFrame(show)
    })
    feed.open()
    return () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
      feed.close()
    }
  }, [callId])
  return shown.callId === callId ? shown.items : []
}
