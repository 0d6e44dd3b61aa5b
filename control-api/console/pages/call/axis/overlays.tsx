// Lines through all lanes: the playing cursor, what is chosen, the pointer, and where a live call has got to.
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, type Ref } from 'react'
import type { AxisPlayer } from './axis-player.ts'
import type { AxisView } from './axis-view.ts'
import { clockText } from './ruler-ticks.ts'
import { placeLine, useLine } from './use-layer.ts'
import css from './axis.module.css'

const FLAG_PX = 90
/** Where the page turns to when the cursor leaves it. */
const LEAVES_AT = 0.94
const TURNS_TO = 0.12

/** Follows what is heard, each frame; turns the page when it runs out of it. */
export function PlayCursor({
  view,
  player,
}: {
  readonly view: AxisView
  readonly player: AxisPlayer
}) {
  const line = useRef<HTMLDivElement>(null)
  const flag = useRef<HTMLSpanElement>(null)
  useLayoutEffect(() => {
    const place = (): void => {
      const { cursorMs } = player
      placeLine(line.current, view, cursorMs)
      tell(flag.current, view, cursorMs)
    }
    const follow = (): void => {
      const { cursorMs } = player
      if (cursorMs !== null && player.isPlaying) {
        const x = view.xOf(cursorMs)
        if (x > view.widthPx * LEAVES_AT || x < 0) view.panBy(x - view.widthPx * TURNS_TO)
      }
      place()
    }
    place()
    const forget = [view.subscribe(place), player.onFrame(follow)]
    return () => forget.forEach((one) => one())
  }, [view, player])
  return (
    <div ref={line} className={css['cursor']} data-axis-cursor>
      <span ref={flag} className={css['flag']} />
    </div>
  )
}

function tell(flag: HTMLElement | null, view: AxisView, ms: number | null): void {
  if (flag === null || ms === null) return
  flag.textContent = clockText(ms)
  flag.dataset['left'] = String(view.xOf(ms) > view.widthPx - FLAG_PX)
}

export function ChosenLine({ view, ms }: { readonly view: AxisView; readonly ms: number | null }) {
  const line = useRef<HTMLDivElement>(null)
  useLine(line, view, ms)
  return <div ref={line} className={css['chosen']} />
}

export interface Pointer {
  /** Pixels from the left edge; null: it is elsewhere. */
  readonly point: (x: number | null) => void
}

/** The exact offset under the pointer. */
export function PointerLine({
  view,
  handle,
}: {
  readonly view: AxisView
  readonly handle: Ref<Pointer>
}) {
  const line = useRef<HTMLDivElement>(null)
  const flag = useRef<HTMLSpanElement>(null)
  useImperativeHandle(
    handle,
    () => ({
      point(x) {
        const ms = x === null ? null : view.msAt(x)
        placeLine(line.current, view, ms)
        tell(flag.current, view, ms)
      },
    }),
    [view],
  )
  return (
    <div ref={line} className={css['pointer']}>
      <span ref={flag} className={css['flag']} />
    </div>
  )
}

/** Of a live call: what lies ahead is covered, so that what goes on grows without being drawn anew. */
export function Future({
  view,
  nowMs,
  isFollowing,
}: {
  readonly view: AxisView
  readonly nowMs: () => number
  readonly isFollowing: () => boolean
}) {
  const cover = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let frame: number | undefined
    const step = (): void => {
      frame = requestAnimationFrame(step)
      const now = nowMs()
      const { bounds, widthPx } = view
      if (now > bounds.toMs - AHEAD_MS / 2) view.setBounds(bounds.fromMs, now + AHEAD_MS)
      if (isFollowing() && !view.isFit) {
        const x = view.xOf(now)
        const wanted = widthPx * NOW_AT
        if (Math.abs(x - wanted) >= 1) view.panBy(x - wanted)
      }
      placeLine(cover.current, view, Math.max(now, view.startMs))
    }
    // Browsers stop frames of hidden tabs by themselves.
    frame = requestAnimationFrame(step)
    return () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
    }
  }, [view, nowMs, isFollowing])
  return <div ref={cover} className={css['future']} data-axis-now />
}

/** The axis of a live call is this much longer than the call: it need not be drawn anew all the time. */
const AHEAD_MS = 20_000
/** In widths of what is seen. */
const NOW_AT = 0.85
