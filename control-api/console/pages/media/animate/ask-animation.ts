// Has photos animated for all of this tab: each wish once, wherever it is sent again from.
import { useSyncExternalStore } from 'react'
import { idempotencyKey } from '../../../api/client.ts'
import { createIntents, isSameWish } from '../../../components/intents.ts'
import { animate } from '../requests.ts'
import type { AnimateBody, AskedAnimation } from '../shapes.ts'

const intents = createIntents<AnimateBody>(idempotencyKey)

export const askAnimation = (body: AnimateBody): Promise<AskedAnimation> =>
  intents.send(body, (key) => animate(body, key))

/** This very wish was sent and not answered: to send it again is safe. */
export function useIsUncertain(body: AnimateBody | null): boolean {
  const uncertain = useSyncExternalStore(intents.subscribe, intents.uncertain)
  return body !== null && uncertain.some((one) => isSameWish(one, body))
}
