// Identifiers. A call id is a UUIDv7, so that ids sort by time of creation.
import { v7 as uuidv7 } from 'uuid'

/** `call_` and 32 hexadecimal digits, sortable by creation time. */
export type CallId = string & { readonly __id: 'call' }

const CALL_ID = /^call_[0-9a-f]{32}$/

export const newCallId = (): CallId => `call_${uuidv7().replaceAll('-', '')}` as CallId

/** The id, or undefined when the text cannot be one. */
export function decodeCallId(text: string): CallId | undefined {
  return CALL_ID.test(text) ? (text as CallId) : undefined
}
