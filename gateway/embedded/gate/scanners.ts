// Programs that search the Internet for SIP servers to steal calls from, by what they call themselves. Whoever hides is
// caught as a stranger; this list only keeps the crowd of the careless out of everything else.
import type { SipHeaders } from '../message/sip-headers.ts'

/** Nobody's telephone or exchange: turned away wherever they come from, anywhere in User-Agent or From. */
const UNMISTAKABLE = /friendly-(?:scanner|request)|sipvicious|sundayddr/i

/**
 * The whole first word of a User-Agent, as words like these also stand within honest names. `friendly-scanner` is what
 * SIPVicious' svmap says of itself; VaxSIPUserAgent and sipcli are libraries that honest programs have as good as left;
 * smap, iWar, SIVuS, Gulp (Bluebox-ng's), pplsip and sip-scan do nothing else. CSipSimple is not here: it is a telephone,
 * whose name some scanners borrow.
 */
const BY_FIRST_WORD =
  /^["\s]*(?:sip-?scan|scan|sipcli|vaxs?ipuseragent|pplsip|smap|iwar|sivus|gulp)(?![a-z0-9])/i

/** A tool of administrators too, who ask after us by it from a trunk's address. */
const BY_STRANGERS = /^["\s]*sipsak(?![a-z0-9])/i

export function isScanner(headers: SipHeaders, isKnown: boolean): boolean {
  const agent = headers.get('User-Agent')
  if (agent !== undefined) {
    if (UNMISTAKABLE.test(agent) || BY_FIRST_WORD.test(agent)) return true
    if (!isKnown && BY_STRANGERS.test(agent)) return true
  }
  const from = headers.get('From')
  return from !== undefined && UNMISTAKABLE.test(from)
}
