// The one-time token of a stream: said to Twilio in the answer to a signed webhook, said back by the stream's first
// message. It follows from the call, so that a repeated webhook gets the same answer; that it is good once is kept with
// the call.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CallId } from '#core/contracts'

export interface StreamTokens {
  mint(callId: CallId, callSid: string): string
  isGood(token: string, callId: CallId, callSid: string): boolean
}

/** @param secret of the account; another one makes other tokens */
export function createStreamTokens(secret: string): StreamTokens {
  const key = createHmac('sha256', secret).update('voicegate stream token').digest()
  const mint = (callId: CallId, callSid: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([callId, callSid]))
      .digest('base64url')
  return {
    mint,
    isGood(token, callId, callSid) {
      const right = Buffer.from(mint(callId, callSid))
      const given = Buffer.from(token)
      return right.length === given.length && timingSafeEqual(right, given)
    },
  }
}
