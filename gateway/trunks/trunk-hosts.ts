// The hosts behind a trunk's domain and proxy: who may call when nobody wrote addresses down. Pure.
import type { Trunk } from '#core/contracts'
import { plainAddress } from './network-set.ts'

export type TrunkHost =
  | { readonly kind: 'address'; readonly address: string }
  /** With a port it is a host and nothing else; without, it may be a domain with services (RFC 3263 §4.2). */
  | { readonly kind: 'name'; readonly name: string; readonly hasServices: boolean }

const HOST_AND_PORT = /^(\[[^\]]+\]|[^:;]+)(:\d+)?/

/** Neither `localhost` nor `invalid` is asked of a name server (RFC 6761 §6.3, §6.4). */
const LOOPBACK: readonly TrunkHost[] = ['127.0.0.1', '::1'].map((address) => ({
  kind: 'address',
  address,
}))

export function hostsOf({ domain, proxy }: Trunk): readonly TrunkHost[] {
  const written = [domain, ...(proxy === undefined ? [] : [proxy.replace(/^sips?:/i, '')])]
  return written.flatMap((text) => {
    const [, host = '', port] = HOST_AND_PORT.exec(text) ?? []
    const address = plainAddress(host)
    if (address !== '') return [{ kind: 'address', address }]
    const name = host.toLowerCase().replace(/\.$/, '')
    if (/(?:^|\.)localhost$/.test(name)) return LOOPBACK
    const isNone = name === '' || /(?:^|\.)invalid$/.test(name)
    return isNone ? [] : [{ kind: 'name', name, hasServices: port === undefined }]
  })
}
