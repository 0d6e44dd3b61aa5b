// The answer of an outbound INVITE in the form drachtio-srf makes a dialog of: status 200, one Contact it can read.
// Of any other 2xx it reports an error after its ACK, and nobody would ever send the BYE.
import { contactUri } from '../dialog/route-set.ts'
import { parseNameAddrList } from '../message/name-addr.ts'
import { reasonPhrase } from '../message/reason-phrases.ts'
import type { SipHeaders } from '../message/sip-headers.ts'
import type { SipResponse } from '../message/sip-message.ts'

/**
 * `target` is where requests within the dialog go. A 2xx nobody knows counts as a 200 (RFC 3261 §8.1.3.2). A Contact
 * that is not there at all stays away: drachtio-srf's contract is to report that as a 500, and the server hangs up.
 */
export function asPlainAnswer(response: SipResponse, target: string): SipResponse {
  const { headers } = response
  if (headers.has('Contact') && !hasOneContact(headers))
    headers.remove('Contact').append('Contact', `<${target}>`)
  if (response.status === 200) return response
  return { ...response, status: 200, reason: reasonPhrase(200) }
}

function hasOneContact(headers: SipHeaders): boolean {
  if (headers.count('Contact') !== 1 || contactUri(headers) === undefined) return false
  return parseNameAddrList(headers.get('Contact') ?? '')?.length === 1
}
