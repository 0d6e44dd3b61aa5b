// Moving along and zooming by wheel, pointer and fingers; a click that moved nothing chooses.
import { useEffect, type RefObject } from 'react'
import type { AxisView } from './axis-view.ts'

interface StageGestures {
  /** @param key of what was hit; null: nothing, at this moment */
  readonly onPick: (key: string | null, ms: number) => void
  /** Of the pointer; null: it left. */
  readonly onPoint: (x: number | null) => void
  /** Somebody moved along by hand. */
  readonly onMoved: () => void
}

const ZOOM_PER_PX = 0.0025
/** A notch of a wheel tells 100 px and more; a finger on a pad far less. */
const MOST_ZOOM_PX = 120
const LINE_PX = 16
/** Less is a hand that trembles. */
const DRAG_PX = 4

export function useStageGestures(
  stage: RefObject<HTMLElement | null>,
  view: AxisView,
  gestures: StageGestures,
): void {
  useEffect(() => {
    const element = stage.current
    if (element === null) return undefined
    const listening = new AbortController()
    const { signal } = listening
    element.addEventListener('wheel', (event) => byWheel(event, element, view, gestures), {
      passive: false,
      signal,
    })
    byPointers(element, view, gestures, signal)
    return () => listening.abort()
  }, [stage, view, gestures])
}

function byWheel(
  event: WheelEvent,
  element: HTMLElement,
  view: AxisView,
  { onMoved }: StageGestures,
): void {
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1
  const [dx, dy] = [event.deltaX * unit, event.deltaY * unit]
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault()
    const turned = Math.max(-MOST_ZOOM_PX, Math.min(MOST_ZOOM_PX, dy))
    view.zoomAround(xIn(element, event), Math.exp(-turned * ZOOM_PER_PX))
    onMoved()
    return
  }
  // Up and down is for the page, unless somebody says otherwise.
  const sideways = event.shiftKey ? dx || dy : Math.abs(dx) > Math.abs(dy) ? dx : 0
  if (sideways === 0 || view.isFit) return
  event.preventDefault()
  view.panBy(sideways)
  onMoved()
}

const xIn = (element: HTMLElement, { clientX }: { readonly clientX: number }): number =>
  clientX - element.getBoundingClientRect().left

function byPointers(
  element: HTMLElement,
  view: AxisView,
  { onPick, onPoint, onMoved }: StageGestures,
  signal: AbortSignal,
): void {
  const down = new Map<number, number>()
  let travelled = 0
  const spread = (): { readonly middle: number; readonly width: number } => {
    const [one = 0, other = one] = down.values()
    return { middle: (one + other) / 2, width: Math.max(1, Math.abs(one - other)) }
  }
  const on = (type: 'pointerdown' | 'pointermove' | 'pointerup', run: (e: PointerEvent) => void) =>
    element.addEventListener(type, run, { signal })
  on('pointerdown', (event) => {
    if (event.button !== 0) return
    if (down.size === 0) travelled = 0
    down.set(event.pointerId, xIn(element, event))
  })
  on('pointermove', (event) => {
    const x = xIn(element, event)
    if (event.pointerType === 'mouse') onPoint(x)
    // Let go outside, before it was ours wherever it went.
    if (event.pointerType === 'mouse' && event.buttons === 0) down.delete(event.pointerId)
    const before = down.get(event.pointerId)
    if (before === undefined) return
    const was = spread()
    down.set(event.pointerId, x)
    const is = spread()
    travelled += Math.abs(x - before)
    if (down.size > 1) view.zoomAround(is.middle, is.width / was.width)
    else if (travelled <= DRAG_PX) return
    else if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId)
    view.panBy(was.middle - is.middle)
    onMoved()
  })
  on('pointerup', (event) => {
    const wasAlone = down.delete(event.pointerId) && down.size === 0
    if (!wasAlone || travelled > DRAG_PX) return
    const hit = event.target instanceof Element ? event.target.closest('[data-key]') : null
    onPick(hit?.getAttribute('data-key') ?? null, view.msAt(xIn(element, event)))
  })
  element.addEventListener('pointercancel', (event) => down.delete(event.pointerId), { signal })
  element.addEventListener('pointerleave', () => onPoint(null), { signal })
}
