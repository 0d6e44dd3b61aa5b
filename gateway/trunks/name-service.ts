// Names → addresses, as far as it matters who calls us: all that a domain stands for, in no order (RFC 3263 §4.2).
import { lookup, Resolver } from 'node:dns/promises'

export interface NameService {
  /** Of a host. Empty when there are none or nobody says so. */
  addresses(host: string): Promise<readonly string[]>
  /** Hosts that a domain names for SIP. Empty as above. */
  targets(domain: string): Promise<readonly string[]>
  close(): void
}

/** A question ends after about 5 s when nobody answers. */
const RESOLVER = { timeout: 2000, tries: 2 }
const SERVICES = ['_sip._udp', '_sip._tcp', '_sips._tcp']

/** The system's way: its hosts file counts. */
export function createNameService(): NameService {
  const resolver = new Resolver(RESOLVER)
  return {
    async addresses(host) {
      const found = await lookup(host, { all: true }).catch(() => []) // Unknown or unanswered.
      return found.map(({ address }) => address)
    },
    async targets(domain) {
      const asked = SERVICES.map((service) => resolver.resolveSrv(`${service}.${domain}`))
      const answers = await Promise.allSettled(asked)
      // What is missing or unanswered has no targets; the root means that there is no such service (RFC 2782).
      return answers
        .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
        .flatMap(({ name }) => (name === '' ? [] : [name.toLowerCase()]))
    },
    close: () => resolver.cancel(),
  }
}
