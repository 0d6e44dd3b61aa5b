// What a text of the trunks file must be, beyond what a pattern can say. The words never repeat the text.
import { isIP } from 'node:net'
import { decodePhoneNumber } from '../../phone-numbers/index.ts'
import { dialPrefix, hostAndPort, vendorId, type Parsed } from '../setting.ts'
import { sipProxyUri, sipUser } from '../sip-setting.ts'

export const TEXT_FORMATS = {
  'sip-host': readHost,
  'sip-proxy': readProxy,
  'sip-user': sipUser().parse,
  'agent-id': vendorId().parse,
  'dial-prefix': dialPrefix().parse,
  e164: readNumber,
  network: readNetwork,
} as const satisfies Readonly<Record<string, (text: string) => Parsed<string>>>

export type TextFormat = keyof typeof TEXT_FORMATS

/** As it may stand in a SIP URI. */
function readHost(text: string): Parsed<string> {
  const parsed = hostAndPort().parse(text)
  return isIP(text) === 6 ? { value: `[${text}]` } : parsed
}

function readProxy(text: string): Parsed<string> {
  const parsed = sipProxyUri().parse(text)
  return 'value' in parsed ? { value: parsed.value.uri } : parsed
}

function readNumber(text: string): Parsed<string> {
  const value = decodePhoneNumber(text)
  return value === undefined
    ? {
        problem: /^\s*\+/.test(text)
          ? 'is no telephone number: it has too few or too many digits for its country, or something between them that is no digit'
          : 'must be a telephone number with its country code, such as +49 and the digits behind it',
      }
    : { value }
}

/** `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. */
function readNetwork(text: string): Parsed<string> {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  if (family === 0)
    return { problem: 'must be an IP address or a network, such as 203.0.113.0/24; no host name' }
  const longest = family === 6 ? 128 : 32
  const bits = Number(prefix ?? longest)
  if (bits > longest || bits === 0)
    return { problem: `must have 1 to ${longest} bits behind the slash` }
  return { value: text }
}
