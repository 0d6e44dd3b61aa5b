// What drachtio-srf knows of a dialog, as the record keeps it.
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import DrachtioSrf from 'drachtio-srf'
import type { DialogIdentity, RemoteTarget } from '#core/contracts'
import type { SrfDialog, SrfMessage } from './drachtio-types.ts'

/** RFC 1918: a route there leads nowhere from outside. */
const PRIVATE = new BlockList()
PRIVATE.addSubnet('10.0.0.0', 8)
PRIVATE.addSubnet('172.16.0.0', 12)
PRIVATE.addSubnet('192.168.0.0', 16)

type DialogFacts = Pick<SrfDialog, 'type' | 'sip' | 'remote' | 'req' | 'res'>

type DialogIds = Pick<DialogIdentity, 'sipCallId' | 'localTag' | 'remoteTag'>

export function identityOf({ type, sip, remote, req, res }: DialogFacts): DialogIdentity {
  const ids = { sipCallId: sip.callId, localTag: sip.localTag, remoteTag: sip.remoteTag }
  if (type === 'uas') return identityByInvite(req, ids, remote.uri)
  const routeSet = recordRoutesOf(res).reverse()
  return {
    ...ids,
    remoteTarget: remote.uri,
    localAddress: req.get('From'),
    remoteAddress: res.get('To'),
    routeSet,
    localSeq: Number.parseInt(req.get('CSeq'), 10),
    natAddress: natAddressOf(routeSet[0], remote.uri, res),
  }
}

/** Of a dialog that our answer to this INVITE makes. Undefined when it does not say where the caller is. */
export function identityToBe(invite: SrfMessage, localTag: string): DialogIdentity | undefined {
  const remoteTarget = contactOf(invite)
  const remoteTag = invite.getParsedHeader('From').params['tag'] ?? ''
  const ids = { sipCallId: invite.get('Call-ID'), localTag, remoteTag }
  return remoteTarget === undefined ? undefined : identityByInvite(invite, ids, remoteTarget)
}

function identityByInvite(
  invite: SrfMessage,
  ids: DialogIds,
  remoteTarget: string,
): DialogIdentity {
  const routeSet = recordRoutesOf(invite)
  return {
    ...ids,
    remoteTarget,
    // It has no tag in To: the callee adds its own.
    localAddress: `${invite.get('To')};tag=${ids.localTag}`,
    remoteAddress: invite.get('From'),
    routeSet,
    localSeq: 0,
    natAddress: natAddressOf(routeSet[0], remoteTarget, invite),
  }
}

/** Where the far end is since this request of its own; undefined when it does not say (RFC 3261 §12.2.2). */
export function targetIn(
  request: SrfMessage,
  routeSet: readonly string[],
): RemoteTarget | undefined {
  const remoteTarget = contactOf(request)
  if (remoteTarget === undefined) return undefined
  return { remoteTarget, natAddress: natAddressOf(routeSet[0], remoteTarget, request) }
}

function contactOf(message: SrfMessage): string | undefined {
  if (!message.has('Contact')) return undefined
  const contact = message.get('Contact')
  return /<([^>]*)>/.exec(contact)?.[1] ?? contact.split(';', 1)[0]?.trim() ?? ''
}

/** drachtio-srf joins repeated headers with commas, which may also stand within quotes and brackets. */
function recordRoutesOf(message: SrfMessage): string[] {
  if (!message.has('Record-Route')) return []
  const routes = message.get('Record-Route').match(/(?:"(?:\\.|[^"\\])*"|<[^<>]*>|[^,"<])+/g) ?? []
  return routes.map((route) => route.trim()).filter((route) => route !== '')
}

/** drachtio's rules: without routes a Contact that is not the sender's address, else a first route that is private. */
function natAddressOf(
  firstRoute: string | undefined,
  remoteTarget: string,
  { source_address: address = '', source_port: port, protocol }: SrfMessage,
): string | null {
  // A connection the far end opened is gone with the process, and its port takes none.
  if (protocol !== 'udp' || port === undefined || address === '') return null
  const host = hostOf(firstRoute ?? remoteTarget)
  const believed =
    firstRoute === undefined ? host === address : !(isIPv4(host) && PRIVATE.check(host))
  if (believed || host === address) return null
  return `sip:${isIPv6(address) ? `[${address}]` : address}:${port};transport=udp`
}

function hostOf(nameAddr: string): string {
  const parsed: unknown = DrachtioSrf.parseUri(/<([^>]*)>/.exec(nameAddr)?.[1] ?? nameAddr)
  const host =
    typeof parsed === 'object' && parsed !== null && 'host' in parsed ? parsed.host : undefined
  return typeof host === 'string' ? host.replace(/^\[|\]$/g, '') : ''
}
