// Where the agent's host is, also while nobody says so: the addresses of before are good while name servers are slow or
// away, or while other names hold the few threads that Node asks with. TLS proves whom we reached.
import { lookup as lookupByMachine, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { AgentConnectionConfig } from './agent-connection-config.ts'

/** With addresses known a caller does not wait longer for newer ones. */
const PATIENCE_MS = 300
/** The vendor names the hosts of sessions itself. */
const MAX_HOSTS = 32

type Found = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void
type AskMachine = (
  host: string,
  options: LookupOptions & { all: true },
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

const askMachine: AskMachine = (host, options, found) => lookupByMachine(host, options, found)

/** One question a host at a time, whoever waits for it. @param ask for tests */
export function createAgentLookup(ask: AskMachine = askMachine): LookupFunction {
  const known = new Map<string, readonly LookupAddress[]>()
  const waiting = new Map<string, Set<Found>>()

  function begin(host: string, found: Found): void {
    const others = waiting.get(host)
    if (others) {
      others.add(found)
      return
    }
    const all = new Set([found])
    waiting.set(host, all)
    ask(host, { all: true }, (error, addresses) => {
      waiting.delete(host)
      if (error === null && addresses.length > 0) {
        if (known.size >= MAX_HOSTS && !known.has(host)) known.clear()
        known.set(host, addresses)
      }
      for (const one of all) one(error, addresses)
    })
  }

  return (host, options, done) => {
    let isOver = false
    const answer: Found = (error, addresses) => {
      if (isOver) return
      isOver = true
      clearTimeout(patience)
      const usable = error === null ? addresses : (known.get(host) ?? [])
      const [first] = usable
      if (first === undefined) done(error ?? noAddress(host), '')
      else if (options.all === true) done(null, [...usable])
      else done(null, first.address, first.family)
    }
    const before = known.get(host)
    const patience = before && setTimeout(() => answer(null, before), PATIENCE_MS)
    begin(host, answer)
  }
}

const noAddress = (host: string): Error =>
  Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' })

/** Of this thread. */
export const agentLookup = createAgentLookup()

/** Asks before the first call does. */
export function lookAhead({ restUrl, wsUrl }: AgentConnectionConfig): void {
  for (const host of new Set([restUrl, wsUrl ?? restUrl].map((url) => new URL(url).hostname)))
    if (isIP(host.replace(/^\[|\]$/g, '')) === 0) agentLookup(host, {}, () => undefined)
}
