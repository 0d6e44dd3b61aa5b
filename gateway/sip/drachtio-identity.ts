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

export function identityOf(dialog: DialogFacts): DialogIdentity {
  const { req, res, remote, sip } = dialog
  const isCaller = dialog.type === 'uac'
  const recorded = recordRoutesOf(isCaller ? res : req)
  const routeSet = isCaller ? recorded.reverse() : recorded
  return {
    sipCallId: sip.callId,
    localTag: sip.localTag,
    remoteTag: sip.remoteTag,
    remoteTarget: remote.uri,
    // An INVITE has no tag in To: the callee adds its own.
    localAddress: isCaller ? req.get('From') : `${req.get('To')};tag=${sip.localTag}`,
    remoteAddress: isCaller ? res.get('To') : req.get('From'),
    routeSet,
    localSeq: isCaller ? Number.parseInt(req.get('CSeq'), 10) : 0,
    natAddress: natAddressOf(routeSet[0], remote.uri, isCaller ? res : req),
  }
}

/** Of a dialog that our answer to this INVITE makes. Undefined when it does not say where the caller is. */
export function identityToBe(invite: SrfMessage, localTag: string): DialogIdentity | undefined {
  const routeSet = recordRoutesOf(invite)
  const target = targetIn(invite, routeSet)
  return (
    target && {
      ...target,
      sipCallId: invite.get('Call-ID'),
      localTag,
      remoteTag: invite.getParsedHeader('From').params['tag'] ?? '',
      localAddress: `${invite.get('To')};tag=${localTag}`,
      remoteAddress: invite.get('From'),
      routeSet,
      localSeq: 0,
    }
  )
}

/** Where the far end is since this request of its own; undefined when it does not say (RFC 3261 §12.2.2). */
export function targetIn(
  request: SrfMessage,
  routeSet: readonly string[],
): RemoteTarget | undefined {
  if (!request.has('Contact')) return undefined
  const contact = request.get('Contact')
  const remoteTarget = /<([^>]*)>/.exec(contact)?.[1] ?? contact.split(';', 1)[0]?.trim() ?? ''
  return { remoteTarget, natAddress: natAddressOf(routeSet[0], remoteTarget, request) }
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
