// Moves the layer, and what stands upon it at some moment, with the view: by style alone, nothing is rendered.
import { useLayoutEffect, type RefObject } from 'react'
import type { AxisView } from './axis-view.ts'

const LABEL_PX = 150

export function useLayer(layerRef: RefObject<HTMLElement | null>, view: AxisView): void {
  useLayoutEffect(() => {
    const place = (): void => {
      const element = layerRef.current
      if (element === null) return
      const x = view.layerX
      element.style.transform = `translateX(${x}px)`
    }
    place()
    return view.subscribe(place)
  })
}

/** A long stretch says what it is wherever one looks at it. @param x of the stretch, on the layer */
export function useSticky(
  labelRef: RefObject<HTMLElement | null>,
  view: AxisView,
  { x, width }: { readonly x: number; readonly width: number },
): void {
  useLayoutEffect(() => {
    const place = (): void => {
      const label = labelRef.current
      if (label === null) return
      const shift = Math.max(0, Math.min(width - LABEL_PX, -(view.layerX + x)))
      label.style.transform = shift > 0 ? `translateX(${shift}px)` : ''
    }
    place()
    return view.subscribe(place)
  }, [labelRef, view, x, width])
}

/** A line at a moment: it is called with the pixels from the left edge, or null when it is out of sight. */
export function useLine(
  lineRef: RefObject<HTMLElement | null>,
  view: AxisView,
  ms: number | null,
): void {
  useLayoutEffect(() => {
    const place = (): void => placeLine(lineRef.current, view, ms)
    place()
    return view.subscribe(place)
  }, [lineRef, view, ms])
}

export function placeLine(line: HTMLElement | null, view: AxisView, ms: number | null): void {
  if (line === null) return
  const x = ms === null ? -1 : view.layerX + (ms - view.window().originMs) * view.pxPerMs
  const isSeen = x >= 0 && x <= view.widthPx
  line.style.visibility = isSeen ? 'visible' : 'hidden'
  if (isSeen) line.style.transform = `translateX(${x}px)`
}
