// Where the results of a provider may be fetched from: public https addresses of its own hosts, of what MEDIA_RESULT_HOSTS
// names, and of where it is spoken to; only a simulated provider may be private.
import { createEndpointPolicy, type EndpointPolicy } from '../../webhooks/endpoint-policy.ts'

export interface ResultPolicyOptions {
  /** Hosts, or suffixes that begin with a dot. */
  readonly resultHosts: readonly string[]
  readonly baseUrl: string
  readonly isRehearsal: boolean
}

/** Signatures and session tokens of Amazon are long. */
const MAX_RESULT_URL_CHARS = 8192

export function createResultPolicy(options: ResultPolicyOptions): EndpointPolicy {
  const { baseUrl, isRehearsal, resultHosts } = options
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  // A simulated provider: the real ones are spoken to by https alone.
  const isSimulated = isRehearsal || base?.protocol === 'http:'
  const simulated = base !== undefined && isSimulated ? [base.host] : []
  const policy = createEndpointPolicy({
    allowHosts: simulated,
    allowLoopback: isRehearsal,
    maxUrlChars: MAX_RESULT_URL_CHARS,
  })
  const isTheirs = (url: URL): boolean =>
    url.host === base?.host ||
    resultHosts.some((host) =>
      host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host,
    )
  return {
    async examine(address) {
      const url = URL.canParse(address) ? new URL(address) : undefined
      if (url !== undefined && !isTheirs(url)) return { kind: 'refused', why: notTheirs(url) }
      return policy.examine(address)
    },
  }
}

/** Named, so that whoever knows the provider can say whether it is right; no name is longer. */
const notTheirs = ({ hostname }: URL): string =>
  `its host (${hostname.slice(0, 253)}) is none of the provider’s`
