// The axis by keyboard: from event to event, along, nearer, and listening.
import { useCallback, type KeyboardEvent } from 'react'
import type { AxisModel } from './axis-model.ts'
import type { AxisPlayer } from './axis-player.ts'
import type { AxisView } from './axis-view.ts'
import type { Entry } from './entry.ts'
import { ZOOM_STEP } from './toolbar.tsx'

interface AxisKeys {
  readonly view: AxisView
  readonly model: AxisModel
  readonly entry: Entry | null
  readonly choose: (entry: Entry | null) => void
  readonly player: AxisPlayer
  readonly onMoved: () => void
}

const PAN_SHARE = 0.2

export function useAxisKeys(keys: AxisKeys): (event: KeyboardEvent) => void {
  return useCallback(
    (event: KeyboardEvent) => {
      // The browser's own: Ctrl and plus enlarges the page.
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const act = actionOf(event, keys)
      if (act === undefined) return
      event.preventDefault()
      act()
    },
    [keys],
  )
}

function actionOf(event: KeyboardEvent, keys: AxisKeys): (() => void) | undefined {
  const { view, model, choose, player, onMoved } = keys
  const moved = (move: () => void) => () => {
    move()
    onMoved()
  }
  const zoom = (factor: number) => moved(() => view.zoomAround(focusX(keys), factor))
  const pan = (share: number) => moved(() => view.panBy(view.widthPx * share))
  switch (event.key) {
    case 'ArrowRight':
      return event.shiftKey ? pan(PAN_SHARE) : () => choose(beside(keys, 1))
    case 'ArrowLeft':
      return event.shiftKey ? pan(-PAN_SHARE) : () => choose(beside(keys, -1))
    case 'Home':
      return () => choose(model.all[0] ?? null)
    case 'End':
      return () => choose(model.all.at(-1) ?? null)
    case '+':
    case '=':
      return zoom(ZOOM_STEP)
    case '-':
    case '_':
      return zoom(1 / ZOOM_STEP)
    case '0':
      return () => view.fit()
    case ' ':
      return () => player.toggle()
    case 'Escape':
      return () => choose(null)
    default:
      return undefined
  }
}

/** The next one in order; without one to begin with, the first that is seen. */
function beside({ view, model, entry }: AxisKeys, step: 1 | -1): Entry | null {
  if (entry === null) return model.all.find(({ fromMs }) => fromMs >= view.startMs) ?? null
  const at = model.all.findIndex(({ key }) => key === entry.key)
  return model.all[at + step] ?? entry
}

/** What is chosen stays where it is; otherwise the middle. */
function focusX({ view, entry }: AxisKeys): number {
  const x = entry === null ? -1 : view.xOf(entry.fromMs)
  return x >= 0 && x <= view.widthPx ? x : view.widthPx / 2
}
