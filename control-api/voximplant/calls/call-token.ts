// The token of a call that we place: it goes to the vendor as the session's custom data, and comes back with what the
// scenario asks and tells. Derived from the call and the application's key, so that nothing of it is kept; whose it is
// stands in it, for whoever reads it in the history.
import { decodeCallId, type CallId } from '#core/contracts'
import { createFactMacs } from '../../secrets/fact-mac.ts'
import { decodeCustomData } from '../sync/custom-data.ts'

const PURPOSE = 'voicegate call token'
const SEPARATOR = '.'

/** @param signingKey the application's */
export const tokenOf = (signingKey: string, callId: CallId): string =>
  `${callId}${SEPARATOR}${createFactMacs(signingKey, PURPOSE).of([callId])}`

/** Whose it says it is: not to be believed of what nobody signed. */
export const callIdOfToken = (token: string): CallId | undefined =>
  decodeCallId(token.split(SEPARATOR, 1)[0] ?? '')

/** Whose it is; undefined when it was not made with this key. */
export function callIdOfGoodToken(signingKey: string, token: string): CallId | undefined {
  const callId = callIdOfToken(token)
  const mac = token.slice((callId?.length ?? 0) + SEPARATOR.length)
  const isGood = callId !== undefined && createFactMacs(signingKey, PURPOSE).isOf(mac, [callId])
  return isGood ? callId : undefined
}

/** What a session is started with; at most 200 bytes, also when the scenario has added its conversation. */
export const customDataOf = (token: string): string => JSON.stringify({ t: token })

/** Of a session of the history: the call of ours that it says it is, and its conversation. */
export function callIdOfCustomData(text: string | null): {
  readonly callId: CallId | undefined
  readonly conversationId: string | null
} {
  const { token, conversationId } = decodeCustomData(text)
  return { callId: token === null ? undefined : callIdOfToken(token), conversationId }
}
