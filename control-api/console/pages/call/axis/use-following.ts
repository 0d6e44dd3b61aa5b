// How far the axis reaches, and whether its end is followed while the call lasts.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { AxisModel } from './axis-model.ts'
import type { AxisView } from './axis-view.ts'

export interface Following {
  readonly is: boolean
  set(is: boolean): void
  /** Somebody looks elsewhere. */
  readonly stop: () => void
  readonly nowMs: () => number
  readonly isNow: () => boolean
}

interface FollowingOptions {
  readonly model: AxisModel
  readonly isLive: boolean
  readonly createdAt: string
}

/** A live call's axis reaches ahead of it, so that it need not be laid out anew all the time. */
const AHEAD_MS = 20_000
/** As much of a live call is seen at first. */
const SEEN_MS = 60_000

export function useFollowing(
  view: AxisView,
  { model, isLive, createdAt }: FollowingOptions,
): Following {
  const [is, setIs] = useState(isLive)
  const state = useRef({ is, toMs: model.toMs })
  // A clock that is behind the server's must not hide what has come.
  const nowMs = useCallback(
    () => Math.max(state.current.toMs, Date.now() - Date.parse(createdAt)),
    [createdAt],
  )
  useLayoutEffect(() => {
    state.current = { is: is && isLive, toMs: model.toMs }
    const now = nowMs()
    if (!isLive) view.setBounds(model.fromMs, model.toMs)
    else if (now > view.bounds.toMs - AHEAD_MS / 2 || model.fromMs < view.bounds.fromMs)
      view.setBounds(Math.min(model.fromMs, view.bounds.fromMs), now + AHEAD_MS)
  }, [view, model, is, isLive, nowMs])
  useEffect(() => {
    if (!isLive) return
    const now = nowMs()
    if (now > SEEN_MS) view.show(now - SEEN_MS, now)
  }, [view, isLive, nowMs])
  const stop = useCallback(() => setIs(false), [])
  const isNow = useCallback(() => state.current.is, [])
  return useMemo(() => ({ is, set: setIs, stop, nowMs, isNow }), [is, stop, nowMs, isNow])
}
