// Places calls for all pages of this tab: each wish once, wherever it is sent again from.
import { useSyncExternalStore } from 'react'
import { idempotencyKey } from '../api/client.ts'
import { startCall } from '../api/generated/sdk.gen.ts'
import type { StartCallResponse } from '../api/generated/types.gen.ts'
import { createCallIntents, isSameCall, type CallBody } from './call-intents.ts'

const intents = createCallIntents(idempotencyKey)

export const placeCall = (body: CallBody): Promise<StartCallResponse> =>
  intents.send(
    body,
    async (key) => (await startCall({ body, headers: { 'idempotency-key': key } })).data,
  )

/**
 * `same`: this very request was sent and not answered, so to send it again is safe; `other`: another request to the same
 * number was, so this one is a second call; null: neither, or there is nothing to send.
 */
export function useUncertainty(body: CallBody | null): 'same' | 'other' | null {
  const uncertain = useSyncExternalStore(intents.subscribe, intents.uncertain)
  if (body === null) return null
  if (uncertain.some((one) => isSameCall(one, body))) return 'same'
  return uncertain.some(({ phone_number: number }) => number === body.phone_number) ? 'other' : null
}
