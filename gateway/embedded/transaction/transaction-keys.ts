// How a message finds its transaction (RFC 3261 §17.1.3, §17.2.3).
import type { SipRequest } from '../message/sip-message.ts'
import type { RequestEssentials } from '../message/validate-request.ts'

export const clientKey = (branch: string, method: string): string => `${branch}|${method}`

/** `method` is INVITE for an ACK, and for a CANCEL looking for its INVITE. */
export function serverKey(
  request: SipRequest,
  { via, cseq, callId, fromTag }: RequestEssentials,
  method: string,
): string {
  if (via.branch !== '') return `${via.branch}|${via.host}:${via.port ?? 5060}|${method}`
  // Before RFC 3261 the branch was not unique: the whole request is the key, and the Via without what we added to it.
  return `2543|${request.uri}|${fromTag}|${callId}|${cseq.seq}|${via.host}:${via.port ?? 5060}|${method}`
}

/** The same request that came by another way has this in common and another branch (§8.2.2.2). */
export const mergeKey = ({ cseq, callId, fromTag }: RequestEssentials): string =>
  `${fromTag}|${callId}|${cseq.seq}|${cseq.method}`
