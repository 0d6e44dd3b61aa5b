// Times that go on: one clock for the whole page, however many of them it shows.
import { useSyncExternalStore } from 'react'
import { clock } from './spoken/spoken-lines.ts'

const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    now = Date.now()
    timer = setInterval(() => {
      now = Date.now()
      for (const each of listeners) each()
    }, 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

const standStill = (): (() => void) => () => undefined

/** Epoch milliseconds, anew every second. */
export const useSecond = (isTicking = true): number =>
  useSyncExternalStore(isTicking ? subscribe : standStill, () => now)

interface TickingProps {
  readonly since: string
  /** Null: it goes on. */
  readonly until: string | null
}

/** `3:07` */
export function Ticking({ since, until }: TickingProps) {
  const second = useSecond(until === null)
  // The server's clock may be a little ahead of this one.
  const length = Math.max(0, (until === null ? second : Date.parse(until)) - Date.parse(since))
  return <>{clock(length)}</>
}
