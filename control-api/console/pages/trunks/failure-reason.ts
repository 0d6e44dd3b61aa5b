// What an answer of a carrier, or none, usually means. RFC 3261 §21.
export type Reason =
  | 'credentials'
  | 'forbidden'
  | 'unknown_account'
  | 'no_answer'
  | 'name'
  | 'refused_connection'
  | 'tls'
  | 'own_server'
  | 'too_brief'
  | 'transport'
  | 'busy_carrier'
  | 'carrier_fault'
  | 'moved'
  | 'not_understood'
  | 'unknown'

const BY_STATUS: Readonly<Record<number, Reason>> = {
  401: 'credentials',
  403: 'forbidden',
  404: 'unknown_account',
  407: 'credentials',
  408: 'no_answer',
  415: 'not_understood',
  423: 'too_brief',
  480: 'busy_carrier',
  486: 'busy_carrier',
  503: 'busy_carrier',
  604: 'unknown_account',
}

/** In words of the gateway, where nothing was answered. */
const BY_DETAIL: readonly (readonly [RegExp, Reason])[] = [
  [/^SIP Server Away/, 'own_server'],
  [/^TLS /, 'tls'],
  [/^(?:Port Closed|Connection (?:Refused|Closed|Overloaded))/, 'refused_connection'],
  [/^DNS /, 'name'],
  [/^(?:No Answer|Connection (?:Timed Out|Failed))/, 'no_answer'],
  [/Transport/, 'transport'],
]

export interface Failed {
  readonly sip_status: number | null
  readonly detail: string | null
}

export function reasonOf({ sip_status: status, detail }: Failed): Reason {
  if (status === null) {
    const found = BY_DETAIL.find(([pattern]) => pattern.test(detail ?? ''))
    return found?.[1] ?? 'no_answer'
  }
  const known = BY_STATUS[status]
  if (known !== undefined) return known
  if (status >= 300 && status < 400) return 'moved'
  if (status >= 500 && status < 600) return 'carrier_fault'
  return status >= 400 && status < 500 ? 'not_understood' : 'unknown'
}
