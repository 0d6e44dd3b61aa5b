// Where webhooks may go: https on port 443 of hosts of the public internet, and what WEBHOOK_ALLOW_HOSTS names. Asked
// when an endpoint is set and before every delivery, whose connection then takes the very addresses that were checked:
// a name that moves to a private address meanwhile (DNS rebinding) is refused.
import { isIP } from 'node:net'
import { isLoopbackAddress, isPublicAddress } from './public-address.ts'
import { createPublicResolver, resolveByMachine, type ResolveHost } from './resolve-host.ts'

export type Examined =
  /** Connect to these addresses and no others. */
  | { readonly kind: 'allowed'; readonly url: URL; readonly addresses: readonly string[] }
  /** @param why in words that may be shown: no part of the address stands in it */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody knows where it is, now. */
  | { readonly kind: 'unresolved'; readonly why: string }

export interface EndpointPolicy {
  readonly examine: (address: string) => Promise<Examined>
}

export interface EndpointPolicyOptions {
  /** `host` for all its ports, or `host:port`; neither https nor a public address is asked of them. */
  readonly allowHosts: readonly string[]
  /** Receivers on this machine: of rehearsals, which have no others. */
  readonly allowLoopback: boolean
  /** MAX_URL_CHARS unless told: presigned addresses are longer. */
  readonly maxUrlChars?: number
  readonly resolvePublic?: ResolveHost
  readonly resolveAllowed?: ResolveHost
}

export const MAX_URL_CHARS = 2048

type Rule = 'public' | 'allowed' | 'loopback'

export function createEndpointPolicy(options: EndpointPolicyOptions): EndpointPolicy {
  const { resolvePublic = createPublicResolver(), resolveAllowed = resolveByMachine } = options
  const allowed = new Set(options.allowHosts.map(canonicalHost))

  const ruleOf = (url: URL): Rule => {
    const host = hostOf(url)
    if (allowed.has(host) || allowed.has(`${host}:${portOf(url)}`)) return 'allowed'
    return options.allowLoopback && (isLoopbackAddress(host) || host === 'localhost')
      ? 'loopback'
      : 'public'
  }

  return {
    async examine(address) {
      const url = readUrl(address, options.maxUrlChars ?? MAX_URL_CHARS)
      if (typeof url === 'string') return { kind: 'refused', why: url }
      const rule = ruleOf(url)
      if (rule === 'public' && url.protocol !== 'https:')
        return { kind: 'refused', why: 'it is not https' }
      if (rule === 'public' && url.port !== '')
        return { kind: 'refused', why: 'its port is not 443' }
      const addresses = await addressesOf(
        hostOf(url),
        rule === 'public' ? resolvePublic : resolveAllowed,
      )
      if (addresses === undefined)
        return { kind: 'unresolved', why: 'its host name has no address' }
      return addresses.every((one) => isFit(one, rule))
        ? { kind: 'allowed', url, addresses }
        : { kind: 'refused', why: 'its host is not on the public internet' }
    },
  }
}

/** What WHATWG makes of it (127.1, 0x7f000001 and 2130706433 are one address then), or what is wrong with it. */
function readUrl(address: string, maxChars: number): URL | string {
  if (address.length > maxChars) return `it is longer than ${maxChars} characters`
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return 'it is no https address'
  if (url.username !== '' || url.password !== '') return 'it carries a user name or a password'
  if (url.hash !== '') return 'it has a fragment, which no server ever sees'
  return url
}

async function addressesOf(
  host: string,
  resolve: ResolveHost,
): Promise<readonly string[] | undefined> {
  if (isIP(host) > 0) return [host]
  try {
    const addresses = await resolve(host)
    return addresses.length > 0 ? addresses : undefined
  } catch {
    return undefined // Which of the many ways a name can fail is the name server's story.
  }
}

function isFit(address: string, rule: Rule): boolean {
  switch (rule) {
    case 'public':
      return isPublicAddress(address)
    case 'loopback':
      return isLoopbackAddress(address)
    case 'allowed':
      return true
    default:
      return rule satisfies never
  }
}

/** Without the brackets of IPv6 and the root's dot: one spelling of each host. */
const hostOf = ({ hostname }: URL): string =>
  hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

const portOf = ({ port, protocol }: URL): string =>
  port !== '' ? port : protocol === 'https:' ? '443' : '80'

/** Of a setting: `10.0.0.7`, `n8n:5678`, `[fd00::1]:8080`, `fd00::1`. */
function canonicalHost(entry: string): string {
  const bare = isIP(entry) === 6 ? `[${entry}]` : entry
  // The scheme has no default port that would be lost.
  const [, host = '', port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(bare) ?? []
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined
  const name = url ? hostOf(url) : host.toLowerCase()
  return port === undefined ? name : `${name}:${Number(port)}`
}
