// The addresses of a name, asked for by ourselves, so that what is checked is what is connected to.
import { lookup, Resolver } from 'node:dns/promises'
import { ms } from '#core/contracts'
import { waitFor } from '#core/lifecycle'

/** @throws when the name has no address, or nobody answers in time */
export type ResolveHost = (name: string) => Promise<readonly string[]>

const TIMEOUT = ms(5000)
const QUERY = { timeout: 2000, tries: 2 }
/** Of one name. */
const MAX_ADDRESSES = 32

/** Names of the internet, from the name servers alone: no file of this machine has a say. @param servers for tests */
export function createPublicResolver(servers?: readonly string[]): ResolveHost {
  const resolver = new Resolver(QUERY)
  if (servers) resolver.setServers(servers)
  return async (name) => {
    const asked = [resolver.resolve4(name), resolver.resolve6(name)]
    const answers = await waitFor(Promise.allSettled(asked), { name: 'DNS', timeout: TIMEOUT })
    const addresses = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    if (addresses.length > 0) return addresses.slice(0, MAX_ADDRESSES)
    throw answers.find((one) => one.status === 'rejected')?.reason ?? new Error('no address')
  }
}

/** As every other program of this machine resolves them, /etc/hosts included: for hosts that were allowed by name. */
export const resolveByMachine: ResolveHost = async (name) => {
  const found = await waitFor(lookup(name, { all: true }), { name: 'DNS', timeout: TIMEOUT })
  return found.slice(0, MAX_ADDRESSES).map(({ address }) => address)
}
