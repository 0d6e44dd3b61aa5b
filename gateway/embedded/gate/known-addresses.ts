// Whose messages are expected: IP addresses and networks (`203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`).
import { BlockList, isIP } from 'node:net'

const MAX_PREFIX = { 4: 32, 6: 128 } as const

export class KnownAddresses {
  readonly #list = new BlockList()

  /** @throws Error with the code EINVAL when one of them is neither an address nor a network. */
  constructor(known: readonly string[]) {
    for (const text of known) this.#add(text)
  }

  has(address: string): boolean {
    // The zone of a link-local address is this machine's own word.
    const bare = address.split('%', 1)[0] ?? ''
    const family = isIP(bare)
    return family !== 0 && this.#list.check(bare, family === 6 ? 'ipv6' : 'ipv4')
  }

  #add(text: string): void {
    const [address = '', prefix, ...rest] = text.split('/')
    const family = isIP(address)
    if (family !== 4 && family !== 6) throw invalid()
    const type = family === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) {
      this.#list.addAddress(address, type)
      return
    }
    const bits = Number(prefix)
    if (rest.length > 0 || !/^\d{1,3}$/.test(prefix) || bits > MAX_PREFIX[family]) throw invalid()
    this.#list.addSubnet(address, bits, type)
  }
}

const invalid = (): Error =>
  Object.assign(
    new Error('A known address is an IP address or a network such as 203.0.113.0/24.'),
    {
      code: 'EINVAL',
    },
  )
