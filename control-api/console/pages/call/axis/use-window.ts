// What of a lane is to be drawn now.
import { useMemo, useSyncExternalStore } from 'react'
import type { AxisView, Window } from './axis-view.ts'
import { cluster, gatheringScale, within, type Cluster } from './clusters.ts'
import type { Entry } from './entry.ts'

export const useWindow = (view: AxisView): Window =>
  useSyncExternalStore(view.subscribe, view.window)

/** Gathered anew with the zoom, cut anew with the window. */
export function useClusters(
  entries: readonly Entry[],
  { fromMs, toMs, pxPerMs }: Window,
  gapPx: number,
): readonly Cluster[] {
  const scale = gatheringScale(pxPerMs)
  const gathered = useMemo(() => cluster(entries, scale, gapPx), [entries, scale, gapPx])
  return useMemo(() => within(gathered, fromMs, toMs), [gathered, fromMs, toMs])
}
