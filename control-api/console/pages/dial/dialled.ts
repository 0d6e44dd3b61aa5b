// The last calls that were placed in this tab: in memory alone, since a number is personal; gone with the tab.
import { useSyncExternalStore } from 'react'
import type { DialBody } from './dial-form.ts'

export interface Dialled {
  readonly callId: string
  readonly body: DialBody
  readonly at: string
}

const KEPT = 6
let dialled: readonly Dialled[] = []
const listeners = new Set<() => void>()

export function remember(one: Dialled): void {
  dialled = [one, ...dialled.filter(({ callId }) => callId !== one.callId)].slice(0, KEPT)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Newest first. */
export const useDialled = (): readonly Dialled[] => useSyncExternalStore(subscribe, () => dialled)
