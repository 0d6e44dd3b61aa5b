// What the names of trunks stand for in the DNS, asked in the background and again every five minutes: no call waits for
// it. What was found is kept for as long as nothing better is.
import { ms } from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import type { NameService } from './name-service.ts'
import { plainAddress } from './network-set.ts'

/** A name, and whether its services count. */
export interface WantedName {
  readonly name: string
  readonly hasServices: boolean
}

const REFRESH = ms(300_000)
/** A name that nobody knew yet keeps its trunk's callers out. */
const RETRY = ms(30_000)
const DEADLINE = ms(10_000)
/** More are no carrier's. */
const MAX_TARGETS = 32
const MAX_ADDRESSES = 128

export interface TrunkNamesDeps {
  readonly logger: Logger
  readonly names: NameService
  /** Something else was found than before. */
  readonly onChange: () => void
}

export class TrunkNames {
  readonly #deps: TrunkNamesDeps
  readonly #found = new Map<string, readonly string[]>()
  readonly #told = new Set<string>()
  #wanted: readonly WantedName[] = []
  #timer: NodeJS.Timeout | undefined
  /** Of the round under way; another set of names begins another. */
  #round = 0
  #isClosed = false

  constructor(deps: TrunkNamesDeps) {
    this.#deps = deps
  }

  addresses(name: string): readonly string[] {
    return this.#found.get(name) ?? []
  }

  /** Asks about the new ones at once. */
  want(wanted: readonly WantedName[]): void {
    const names = new Set(wanted.map(({ name }) => name))
    for (const name of this.#found.keys()) if (!names.has(name)) this.#found.delete(name)
    for (const name of this.#told) if (!names.has(name)) this.#told.delete(name)
    this.#wanted = wanted
    this.#ask(wanted.filter(({ name }) => !this.#found.has(name)))
  }

  close(): void {
    this.#isClosed = true
    this.#round += 1
    clearTimeout(this.#timer)
    this.#deps.names.close()
  }

  #ask(names: readonly WantedName[]): void {
    clearTimeout(this.#timer)
    this.#round += 1
    if (this.#isClosed || this.#wanted.length === 0) return
    inBackground(this.#askAll(names, this.#round), this.#deps.logger, 'resolving trunks')
  }

  /** One after the other: the system resolves in the threads that also read files. */
  async #askAll(names: readonly WantedName[], round: number): Promise<void> {
    for (const name of names) {
      const addresses = await this.#resolve(name)
      if (round !== this.#round) return
      this.#learn(name.name, addresses)
    }
    const isWhole = this.#wanted.every(({ name }) => this.#found.has(name))
    this.#timer = setTimeout(() => this.#ask(this.#wanted), isWhole ? REFRESH : RETRY).unref()
  }

  #learn(name: string, addresses: readonly string[]): void {
    const { logger, onChange } = this.#deps
    if (addresses.length === 0) {
      if (!this.#told.has(name))
        logger.warn(
          { host: name },
          'a trunk’s name has no address: its callers are not known by it',
        )
      this.#told.add(name)
      return
    }
    this.#told.delete(name)
    const before = this.addresses(name).join()
    this.#found.set(name, addresses)
    if (before !== addresses.join()) onChange()
  }

  async #resolve({ name, hasServices }: WantedName): Promise<readonly string[]> {
    const asked = this.#askAbout(name, hasServices)
    try {
      const addresses = await waitFor(asked, { name: 'the name servers', timeout: DEADLINE })
      const plain = new Set(addresses.map(plainAddress).filter((address) => address !== ''))
      // Answers come in any order: that is no change.
      return [...plain].sort().slice(0, MAX_ADDRESSES)
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'a trunk’s name could not be resolved')
      return []
    }
  }

  async #askAbout(name: string, hasServices: boolean): Promise<readonly string[]> {
    const { names } = this.#deps
    const targets = hasServices ? await names.targets(name) : []
    const found: string[] = []
    for (const host of new Set([name, ...targets.slice(0, MAX_TARGETS)]))
      found.push(...(await names.addresses(host)))
    return found
  }
}
