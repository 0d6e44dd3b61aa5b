// What the menu asked on a call, read once and again when it asks or is answered (use-call-story.ts) or an order changes.
import { useCallback } from 'react'
import { useQuery } from '@tanstack/react-query'
import { getCallFlowOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { refresh } from '../../../api/queries.ts'
import type { LiveMessage } from '../../../live/live-feed.ts'
import { useLive } from '../../../live/live.tsx'

export function useMenu(callId: string) {
  useLive(
    useCallback(({ type }: LiveMessage) => {
      if (type.startsWith('order.')) void refresh('getCallFlow')
    }, []),
  )
  return useQuery(getCallFlowOptions({ path: { call_id: callId } }))
}
