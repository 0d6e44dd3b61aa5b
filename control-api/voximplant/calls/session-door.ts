// Where a live session takes requests. The address comes from the vendor, or from a scenario that signed it, and yet it is
// asked like any address of others: https to the public internet, one connection to what was checked, no redirects. In a
// rehearsal the vendor is a server of ours, and so are its sessions: at its very port, and nowhere else on its host.
import { createHmac } from 'node:crypto'
import { isIP } from 'node:net'
import { ms } from '#core/contracts'
import { isPublicAddress } from '../../webhooks/public-address.ts'
import {
  createPublicResolver,
  resolveByMachine,
  type ResolveHost,
} from '../../webhooks/resolve-host.ts'
import { sendWebhook } from '../../webhooks/send-webhook.ts'
import type { CallTiming } from './call-timing.ts'

export type DoorOutcome = 'told' | 'not-told'

export interface SessionDoor {
  /** Never rejects. @param why is told in words without any part of the address */
  hangUp(
    session: { readonly controlUrl: string; readonly sessionId: string; readonly key: string },
    why: (failure: string) => void,
  ): Promise<DoorOutcome>
  close(): void
}

/** @param baseUrl of the Management API */
export function createSessionDoor(baseUrl: string, { controlMs }: CallTiming): SessionDoor {
  const own = new URL(baseUrl)
  const resolvePublic = createPublicResolver()
  const ended = new AbortController()
  const timeout = ms(controlMs)
  return {
    async hangUp({ controlUrl, sessionId, key }, why) {
      const place = await examine(controlUrl, own, resolvePublic)
      if (typeof place === 'string') {
        why(place)
        return 'not-told'
      }
      const signature = createHmac('sha256', key).update(`hangup.${sessionId}`).digest('hex')
      const outcome = await sendWebhook(
        {
          ...place,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ command: 'hangup', signature }),
        },
        { connectTimeout: timeout, totalTimeout: timeout, signal: ended.signal },
      )
      if (outcome.kind === 'answered' && outcome.status < 300) return 'told'
      why(outcome.kind === 'failed' ? outcome.why : `it answered ${outcome.status}`)
      return 'not-told'
    },
    close: () => ended.abort(),
  }
}

/** What to connect to, or why not. */
async function examine(
  address: string,
  own: URL,
  resolvePublic: ResolveHost,
): Promise<{ readonly url: URL; readonly addresses: readonly string[] } | string> {
  const url = URL.parse(address)
  if (!url || url.username !== '' || url.password !== '') return 'its address is none'
  const isOwn = url.origin === own.origin
  if (!isOwn && url.protocol !== 'https:') return 'its address is not https'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  try {
    const resolve = isOwn ? resolveByMachine : resolvePublic
    const addresses = isIP(host) > 0 ? [host] : await resolve(host)
    if (addresses.length === 0) return 'its host has no address'
    if (!isOwn && !addresses.every(isPublicAddress)) return 'its host is not on the public internet'
    return { url, addresses }
  } catch {
    return 'its host has no address'
  }
}
