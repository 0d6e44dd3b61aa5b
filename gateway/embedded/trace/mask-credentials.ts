// Takes out of a message what would let a reader sign in, listen, or replay what was keyed in: the digest of a password
// can be tried offline. What explains why credentials were refused (realm, URI, algorithm, nonce) stays.
// Every pattern is linear or bounded: messages come from strangers.

/** Folded lines belong to the value (RFC 3261 §7.3.1), and so does a lone CR or LF: only CRLF ends a header here. */
const REST_OF_HEADER = String.raw`((?:(?!\r\n(?![ \t]))[^])*)`
const CREDENTIALS = new RegExp(`^((?:proxy-)?authorization)[ \\t]*:${REST_OF_HEADER}`, 'gim')
/** `rspauth` is a digest of the password too (RFC 2617 §3.2.3). */
const PROOF = new RegExp(`^((?:proxy-)?authentication-info)[ \\t]*:${REST_OF_HEADER}`, 'gim')
const SCHEME = /^\s{0,64}(digest|basic|bearer)(?=\s)/i
const PUBLIC_PARAMETER =
  /(?<=[\s,])(?:realm|nonce|uri|algorithm|qop|nc)=(?:"[^"\r\n]{0,512}"|[\w.+-]{1,64})/gi
/** `sip:user:password@host` (RFC 3261 §19.1.1), and headers within a URI, as in Refer-To. */
const URI_PASSWORD = /(sips?:[^\s:@<>"]{1,256}:)[^\s@<>"]{1,256}(?=@)/gi
const URI_CREDENTIALS = /([?&](?:proxy-)?authorization=)[^\s&<>"]*/gi
/** Who has them can listen: SDES (RFC 4568), MIKEY (RFC 4567), the k line (RFC 4566), ICE (RFC 8445). */
const MEDIA_KEY = /^(a=crypto:(?:\d{1,9} \w{1,64} )?|a=key-mgmt:|a=ice-pwd:|k=)[^\r\n]*/gim
/** Keys the caller pressed, in an INFO: card numbers and PINs. */
const DTMF_SIGNAL = /^(signal[ \t]*=[ \t]*)[^\r\n]*/gim
const IS_KEY_BODY =
  /^(?:content-type|c)[ \t]*:(?:[ \t]|\r\n[ \t])*application\/(?:dtmf(?:-relay)?|vnd\.nortelnetworks\.digits)[ \t]*(?:;|\r\n)/im
/** All that such a body says beside the key. */
const KEY_DURATION = /^duration[ \t]*=[ \t]*\d{1,9}[ \t]*$/im

export function withoutCredentials(text: string): string {
  const masked = text
    .replace(CREDENTIALS, (_all, name: string, value: string) => `${name}: ${explained(value)}`)
    .replace(PROOF, '$1: (masked)')
    .replace(URI_PASSWORD, '$1(masked)')
    .replace(URI_CREDENTIALS, '$1(masked)')
    .replace(MEDIA_KEY, '$1(masked)')
    .replace(DTMF_SIGNAL, '$1(masked)')
  const head = headOf(masked)
  if (!IS_KEY_BODY.test(head)) return masked
  // The key may stand there in any way.
  const duration = KEY_DURATION.exec(masked.slice(head.length))?.[0]
  return duration === undefined ? `${head}(masked)` : `${head}(masked)\r\n${duration}`
}

/** The blank line included. */
export function headOf(text: string): string {
  const end = text.indexOf('\r\n\r\n')
  return end === -1 ? text : text.slice(0, end + 4)
}

function explained(value: string): string {
  const scheme = SCHEME.exec(value)?.[1]
  if (scheme === undefined) return '(masked)'
  const shown = scheme.toLowerCase() === 'digest' ? (value.match(PUBLIC_PARAMETER) ?? []) : []
  return [`${scheme} (masked)`, ...shown].join(', ')
}
