// Which addresses are which trunk's: those that were written down, else those of its domain and proxy, and the one its
// registrar answers from.
import type { Trunk } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { NameService } from './name-service.ts'
import { NetworkSet, plainAddress } from './network-set.ts'
import { hostsOf } from './trunk-hosts.ts'
import { TrunkNames, type WantedName } from './trunk-names.ts'

/** Of registrars that answer from one of several servers. */
const MAX_REGISTRARS = 8

export interface TrunkAddressesDeps {
  readonly logger: Logger
  readonly names: NameService
  /** `all` is another list than before. */
  readonly onChange: () => void
}

export class TrunkAddresses {
  readonly #onChange: () => void
  readonly #names: TrunkNames
  readonly #registrars = new Map<string, readonly string[]>()
  #trunks: readonly Trunk[] = []
  #sets = new Map<string, NetworkSet>()
  #all: readonly string[] = []

  constructor({ onChange, ...deps }: TrunkAddressesDeps) {
    this.#onChange = onChange
    this.#names = new TrunkNames({ ...deps, onChange: () => this.#rebuild() })
  }

  /** Addresses and networks of all trunks, each once: also of those that are known by something else only. */
  get all(): readonly string[] {
    return this.#all
  }

  /** Whether the address alone says so. */
  isOf(trunk: Trunk, address: string): boolean {
    return this.#sets.get(trunk.name)?.has(address) === true
  }

  replace(trunks: readonly Trunk[]): void {
    this.#trunks = trunks
    this.#rebuild()
    this.#names.want(wantedNames(trunks))
  }

  /** An address from which the trunk's registrar answered us. */
  learn(name: string, address: string): void {
    const plain = plainAddress(address)
    const known = this.#registrars.get(name) ?? []
    if (plain === '' || known.includes(plain)) return
    this.#registrars.set(name, [plain, ...known].slice(0, MAX_REGISTRARS))
    this.#rebuild()
  }

  /** What it answered from belonged to a registration that is no more. */
  forget(name: string): void {
    if (this.#registrars.delete(name)) this.#rebuild()
  }

  close(): void {
    this.#names.close()
  }

  #rebuild(): void {
    this.#sets = new Map(
      this.#trunks
        .filter(isKnownByAddress)
        .map((trunk) => [trunk.name, new NetworkSet(this.#networksOf(trunk))]),
    )
    const all = [...new Set(this.#trunks.flatMap((trunk) => this.#networksOf(trunk)))]
    const isSame = all.join() === this.#all.join()
    this.#all = all
    if (!isSame) this.#onChange()
  }

  #networksOf(trunk: Trunk): readonly string[] {
    if (trunk.inbound?.addresses) return trunk.inbound.addresses
    const hosts = hostsOf(trunk).flatMap((host) =>
      host.kind === 'address' ? [host.address] : this.#names.addresses(host.name),
    )
    return [...hosts, ...(this.#registrars.get(trunk.name) ?? [])]
  }
}

/** Whoever names certificates and no addresses wants these: an address can be forged. */
const isKnownByAddress = ({ inbound }: Trunk): boolean =>
  inbound?.addresses !== undefined || inbound?.tlsNames === undefined

function wantedNames(trunks: readonly Trunk[]): WantedName[] {
  const wanted = new Map<string, WantedName>()
  for (const host of trunks.filter(({ inbound }) => !inbound?.addresses).flatMap(hostsOf)) {
    if (host.kind === 'address') continue
    const hasServices = host.hasServices || wanted.get(host.name)?.hasServices === true
    wanted.set(host.name, { name: host.name, hasServices })
  }
  return [...wanted.values()]
}
