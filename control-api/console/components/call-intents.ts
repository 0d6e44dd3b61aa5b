// One wish to call somebody is one Idempotency-Key, however often it is sent: the phone rings once (intents.ts).
import type { StartCallData } from '../api/generated/types.gen.ts'
import { createIntents, isSameWish, type Intents } from './intents.ts'

export type CallBody = StartCallData['body']
type CallIntents = Intents<CallBody>

export const createCallIntents = (makeKey: () => string): CallIntents =>
  createIntents<CallBody>(makeKey)

export const isSameCall = (one: CallBody, other: CallBody): boolean => isSameWish(one, other)
