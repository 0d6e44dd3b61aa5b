// The one-time token of a stream: said to Twilio in the answer to a signed webhook, said back by the stream's first
// message. It follows from the call, so that a repeated webhook gets the same answer; that it is good once is kept with
// the call.
import type { CallId } from '#core/contracts'
import { createFactMacs } from '../secrets/fact-mac.ts'

export interface StreamTokens {
  mint(callId: CallId, callSid: string): string
  isGood(token: string, callId: CallId, callSid: string): boolean
}

/** @param secret of the account; another one makes other tokens */
export function createStreamTokens(secret: string): StreamTokens {
  const macs = createFactMacs(secret, 'voicegate stream token')
  return {
    mint: (callId, callSid) => macs.of([callId, callSid]),
    isGood: (token, callId, callSid) => macs.isOf(token, [callId, callSid]),
  }
}
