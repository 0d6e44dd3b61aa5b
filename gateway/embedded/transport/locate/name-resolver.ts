// Names → addresses and services: the system's way (its hosts file counts) or by the name servers given. Never rejects.
import { lookup, Resolver } from 'node:dns/promises'
import { DnsCache, type Kept } from './dns-cache.ts'
import type { SrvTarget } from './srv-order.ts'

/** Neither the system nor Node says how long an SRV record or the answer of `lookup` may be kept. */
const KEEP_MS = 30_000
/** A record with a time to live of 0 would mean one question a call. */
const KEEP_AT_LEAST_MS = 1_000
/** Unknown, or nobody answered: soon asked again, as calls fail meanwhile. */
const KEEP_FAILURE_MS = 1_000
/** No answer about a service: calls go to the host itself meanwhile, and each question would hold them up. */
const KEEP_SRV_FAILURE_MS = 5_000
/** A question is repeated once: it ends after about 5 s when nobody answers. */
const RESOLVER = { timeout: 2_000, tries: 2 }
/** More would be waste: nobody tries so many servers for one call. */
const MAX_RECORDS = 32

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
/** The system takes `127.1`, `1` and `0x7f000001` for addresses. */
const NUMERIC = /^(?:\d+|0x[0-9a-f]*)$/
/** Of what DNS can carry, 255 bytes with the length of each label. */
const MAX_NAME = 253

/** `refused`: the domain says that it does not offer the service (RFC 2782, a target of "."). */
export type SrvAnswer =
  | { readonly kind: 'targets'; readonly targets: readonly SrvTarget[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused' }

const ABSENT: SrvAnswer = { kind: 'absent' }

/** As it is asked for; `undefined` when it can be no name of a host. */
export function toHostName(host: string): string | undefined {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (name.length > MAX_NAME) return undefined
  const labels = name.split('.')
  if (!labels.every((label) => LABEL.test(label))) return undefined
  return NUMERIC.test(labels.at(-1) ?? '') ? undefined : name
}

/** Never asked of a name server (RFC 6761 §6.3). */
export const isLocalhost = (name: string): boolean => /(?:^|\.)localhost$/.test(name)

export class NameResolver {
  readonly #resolver = new Resolver(RESOLVER)
  readonly #asksServers: boolean
  readonly #services = new DnsCache<SrvAnswer>(ABSENT)
  readonly #addresses = new DnsCache<readonly string[]>([])

  /** Throws when a name server is no address. */
  constructor(nameServers: readonly string[] | undefined) {
    this.#asksServers = nameServers !== undefined
    if (nameServers !== undefined) this.#resolver.setServers(nameServers)
  }

  srv(name: string): Promise<SrvAnswer> {
    return this.#services.get(name, () => this.#askForService(name))
  }

  /** One question for each family when name servers are given; the system is asked for all at once. */
  addresses(name: string, families: readonly (4 | 6)[]): readonly Promise<readonly string[]>[] {
    if (this.#asksServers && !isLocalhost(name)) {
      return families.map((family) =>
        this.#addresses.get(`${family} ${name}`, () => this.#askForAddresses(name, family)),
      )
    }
    const [family = 0] = families.length === 1 ? families : []
    return [this.#addresses.get(`${family} ${name}`, () => askSystem(name, family))]
  }

  /** What is under way ends with nothing found. */
  close(): void {
    this.#resolver.cancel()
  }

  async #askForService(name: string): Promise<Kept<SrvAnswer>> {
    try {
      const records = await this.#resolver.resolveSrv(name)
      return { answer: toSrvAnswer(records), forMs: KEEP_MS }
    } catch (error) {
      return { answer: ABSENT, forMs: saysThereIsNone(error) ? KEEP_MS : KEEP_SRV_FAILURE_MS }
    }
  }

  async #askForAddresses(name: string, family: 4 | 6): Promise<Kept<readonly string[]>> {
    try {
      const records = await (family === 4
        ? this.#resolver.resolve4(name, { ttl: true })
        : this.#resolver.resolve6(name, { ttl: true }))
      const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1_000
      return {
        answer: records.slice(0, MAX_RECORDS).map(({ address }) => address),
        forMs: Math.min(Math.max(ttlMs, KEEP_AT_LEAST_MS), KEEP_MS),
      }
    } catch {
      // Unknown and unanswered are the same to a call: there is no address.
      return { answer: [], forMs: KEEP_FAILURE_MS }
    }
  }
}

async function askSystem(name: string, family: 0 | 4 | 6): Promise<Kept<readonly string[]>> {
  try {
    const found = await lookup(name, { all: true, family })
    return {
      answer: found.slice(0, MAX_RECORDS).map(({ address }) => address),
      forMs: KEEP_MS,
    }
  } catch {
    // As above.
    return { answer: [], forMs: KEEP_FAILURE_MS }
  }
}

const saysThereIsNone = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ENOTFOUND' || error.code === 'ENODATA')

function toSrvAnswer(records: readonly SrvTarget[]): SrvAnswer {
  // The root comes as an empty name.
  const targets = records.filter(({ name }) => name !== '')
  if (targets.length > 0) return { kind: 'targets', targets: mostPreferred(targets) }
  return records.length > 0 ? { kind: 'refused' } : ABSENT
}

const mostPreferred = (targets: readonly SrvTarget[]): readonly SrvTarget[] =>
  targets.length <= MAX_RECORDS
    ? targets
    : targets.toSorted((a, b) => a.priority - b.priority).slice(0, MAX_RECORDS)
