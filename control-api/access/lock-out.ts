// Addresses that send wrong keys are locked for a while, longer each time; a bounded number of them is remembered.
import { isIP } from 'node:net'
import { normalizeIP } from '@fastify/rate-limit'

const WRONG_KEYS = 10
const WITHIN_MS = 60_000
const FIRST_LOCK_MS = 60_000
const LONGEST_LOCK_MS = 15 * 60_000
/** A lock that ended so long ago is forgotten: the next one is a first one. */
const FORGIVEN_AFTER_MS = 60 * 60_000
/** An address where API_KEY came in so lately goes on with it while it is locked. */
const KNOWN_MS = 24 * 60 * 60_000
const REMEMBERED = 10_000
/** What one subscriber is given. */
const IPV6_PREFIX = 64

interface Record {
  wrong: number
  since: number
  locks: number
  lockedUntil: number
  rightAt: number
}

/** What some proxies write into X-Forwarded-For: another port for each connection. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/

/**
 * IPv4 in IPv6 is IPv4; of IPv6 the network, whose hosts one sender picks at will. Whatever is no address (a proxy passed on
 * what it was told) is one group, so that nobody is another sender with each word.
 */
export function addressGroup(address: string): string {
  const [, v6, v4] = WITH_PORT.exec(address) ?? []
  const bare = v6 ?? v4 ?? address
  return isIP(bare) === 0 ? 'unknown' : normalizeIP(bare, IPV6_PREFIX)
}

export class LockOut {
  readonly #clock: { now(): number }
  /** The one heard of last is the last. */
  readonly #records = new Map<string, Record>()

  constructor(clock: { now(): number }) {
    this.#clock = clock
  }

  /** Seconds that an address stays locked; 0: it is not. */
  secondsLeft(address: string): number {
    const record = this.#records.get(addressGroup(address))
    const leftMs = (record?.lockedUntil ?? -Infinity) - this.#clock.now()
    return leftMs <= 0 ? 0 : Math.ceil(leftMs / 1000)
  }

  /** True when this one locked the address. */
  wrongKey(address: string): boolean {
    const now = this.#clock.now()
    const record = this.#recordOf(address, now)
    if (now - record.since > WITHIN_MS) Object.assign(record, { wrong: 0, since: now })
    if (now - record.lockedUntil > FORGIVEN_AFTER_MS) record.locks = 0
    record.wrong += 1
    if (record.wrong < WRONG_KEYS) return false
    const lockMs = Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** record.locks)
    Object.assign(record, { wrong: 0, since: now, lockedUntil: now + lockMs })
    record.locks += 1
    return true
  }

  /** API_KEY came in from there. */
  rightKey(address: string): void {
    const now = this.#clock.now()
    this.#recordOf(address, now).rightAt = now
  }

  isKnown(address: string): boolean {
    const record = this.#records.get(addressGroup(address))
    return record !== undefined && this.#clock.now() - record.rightAt < KNOWN_MS
  }

  /** Heard of just now. */
  #recordOf(address: string, now: number): Record {
    const group = addressGroup(address)
    const record = this.#records.get(group) ?? { ...NOTHING_KNOWN, since: now }
    this.#records.delete(group)
    this.#records.set(group, record)
    const [oldest] = this.#records.keys()
    if (this.#records.size > REMEMBERED && oldest !== undefined) this.#records.delete(oldest)
    return record
  }
}

const NOTHING_KNOWN: Record = {
  wrong: 0,
  since: 0,
  locks: 0,
  lockedUntil: -Infinity,
  rightAt: -Infinity,
}
