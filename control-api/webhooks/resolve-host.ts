// The addresses of a name, asked for by ourselves, so that what is checked is what is connected to.
import { lookup, Resolver } from 'node:dns/promises'
import { ms } from '#core/contracts'
import { systemCodeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'

/** @throws when the name has no address, or nobody answers in time */
export type ResolveHost = (name: string) => Promise<readonly string[]>

const TIMEOUT = ms(5000)
/** With addresses known one does not wait longer for newer ones. */
const PATIENCE = ms(500)
const NO_SUCH_NAME = 'ENOTFOUND'
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

type AskMachine = (name: string, options: { all: true }) => Promise<{ address: string }[]>

/**
 * As every other program of this machine resolves them, /etc/hosts included: for hosts that were allowed by name. One at a
 * time: Node asks with two threads, which names that nobody answers for hold for many seconds each, and agents and
 * vendors have names too.
 * @param ask for tests
 */
export function createMachineResolver(ask: AskMachine = lookup): ResolveHost {
  const known = new Map<string, readonly string[]>()
  const asking = new Map<string, Promise<readonly string[]>>()
  let turn: Promise<unknown> = Promise.resolve()

  async function addressesOf(name: string): Promise<readonly string[]> {
    try {
      const found = await ask(name, { all: true })
      const addresses = found.slice(0, MAX_ADDRESSES).map(({ address }) => address)
      known.set(name, addresses)
      return addresses
    } catch (error) {
      if (systemCodeOf(error) === NO_SUCH_NAME) known.delete(name)
      throw error
    } finally {
      asking.delete(name)
    }
  }

  function begin(name: string): Promise<readonly string[]> {
    const found = turn.then(() => addressesOf(name))
    asking.set(name, found)
    turn = found.catch(() => undefined) // Told to those who asked.
    return found
  }

  return async (name) => {
    const timeout = known.has(name) ? PATIENCE : TIMEOUT
    try {
      return await waitFor(asking.get(name) ?? begin(name), { name: 'DNS', timeout })
    } catch (error) {
      const before = known.get(name)
      if (before) return before
      throw error
    }
  }
}

export const resolveByMachine: ResolveHost = createMachineResolver()
