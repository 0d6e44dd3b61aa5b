// What Kamailio saw: it writes one line for each request to its standard error, in the order it took them.

/** Before the fields, wherever in the line it stands. */
export const SEEN = 'SEEN|'

/** Kamailio's pseudo-variables, as `decodeSeen` reads them. */
export const SEEN_FIELDS = '$rm|$ci|$proto|$sp|$ru|$hdr(Route)|$tt|$adn|$TV(Sn)|$ua'

export interface SeenRequest {
  readonly method: string
  readonly callId: string
  readonly protocol: string
  readonly sourcePort: number
  readonly uri: string
  /** As it came; empty when it had none. */
  readonly route: string
  readonly isWithinDialog: boolean
  /** Of its credentials; empty without. */
  readonly nonce: string
  readonly atMs: number
  readonly userAgent: string
}

/** Nothing of any other line. */
export function decodeSeen(line: string): SeenRequest[] {
  const at = line.indexOf(SEEN)
  if (at < 0) return []
  const [method, callId, protocol, sourcePort, uri, route, toTag, nonce, seconds, userAgent] = line
    .slice(at + SEEN.length)
    .split('|')
  const text = (value = ''): string => (value === '<null>' ? '' : value)
  return [
    {
      method: text(method),
      callId: text(callId),
      protocol: text(protocol),
      sourcePort: Number(sourcePort),
      uri: text(uri),
      route: text(route),
      isWithinDialog: text(toTag) !== '',
      nonce: text(nonce),
      atMs: Number(seconds) * 1000,
      userAgent: text(userAgent),
    },
  ]
}
