// Requests of the application: new ones, those within a dialog, ACK, PRACK and CANCEL.
import { randomUUID } from 'node:crypto'
import { randomToken } from '../dialog/random-token.ts'
import { tagOf } from '../message/name-addr.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import { requestLine, serialize } from '../message/serialize-message.ts'
import { parseCSeq, type SipRequest } from '../message/sip-message.ts'
import { parseUri, type SipUri } from '../message/uri.ts'
import { KNOWN_METHODS } from '../message/validate-request.ts'
import { formatVia, MAGIC_COOKIE } from '../message/via.ts'
import type { OutboundRequest } from '../transaction/client-transaction.ts'
import { literalPeer } from '../transport/transport-set.ts'
import type { Transport } from '../transport/transport.ts'
import type { AppClient } from './app-client.ts'
import type { SipFrame } from './admin-server.ts'
import { bodyType, contactOf, readAppHeaders, type AppHeaders } from './app-headers.ts'
import { OutboundInvite } from './outbound-invite.ts'
import { OutboundNonInvite } from './outbound-non-invite.ts'
import { peerOf, resolveDestination, type SipStack } from './sip-stack.ts'

/** Methods that get a Contact of ours when the application gives none. */
const WITH_CONTACT: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE'])

interface Plan {
  readonly transport: Transport
  readonly nextHop: SipUri
  readonly app: AppHeaders
  readonly contentType: string | undefined
}

export class AppRequests {
  readonly #stack: SipStack

  constructor(stack: SipStack) {
    this.#stack = stack
  }

  /** A request that opens something new. */
  send(client: AppClient, frame: SipFrame, request: SipRequest): void {
    const plan = this.#plan(frame, request)
    if (typeof plan === 'string') {
      client.refuseSip(frame.id, plan)
      return
    }
    const { transport, nextHop, app } = plan
    const built = buildRequest(request, plan)
    const txnId = randomUUID()
    const callId = built.headers.get('Call-ID') ?? ''
    const init = {
      txnId,
      client,
      request: built,
      transport,
      dialog: undefined,
      dialogId: `${callId};from-tag=${tagOf(built.headers.get('From'))}`,
      localContact: app.contact ?? contactOf(transport.advertised),
    }
    client.requestSent(frame.id, {
      bytes: built.bytes,
      transport,
      address: peerOf(transport),
      txnId,
    })
    const seq = parseCSeq(built.headers.get('CSeq'))?.seq ?? 1
    const outbound =
      request.method === 'INVITE'
        ? new OutboundInvite(this.#stack, { ...init, seq })
        : new OutboundNonInvite(this.#stack, init)
    resolveDestination(
      transport,
      nextHop,
      (destination) => outbound.start(destination),
      () => outbound.onUnresolved(),
    )
  }

  cancel(client: AppClient, frame: SipFrame, request: SipRequest): void {
    const invite = this.#stack.outboundInvites.byTxnId(frame.txnId)
    if (invite === undefined) {
      client.refuseSip(frame.id, `unable to cancel unknown transaction id: ${frame.txnId}`)
      return
    }
    const { transport } = invite.init
    const { others } = readAppHeaders(request.headers, transport.advertised)
    const built = invite.cancel(others.filter(([name]) => name !== 'P-Asserted-Identity'))
    client.requestSent(frame.id, {
      bytes: built.bytes,
      transport,
      address: peerOf(transport),
      txnId: randomUUID(),
    })
  }

  /** Nobody is left to take the answer: what still rings is called off. */
  onClientGone(client: AppClient): void {
    for (const invite of this.#stack.outboundInvites.all()) {
      if (invite.init.client === client) invite.cancel([])
    }
  }

  /** The texts are part of the protocol. */
  #plan(frame: SipFrame, request: SipRequest): Plan | string {
    const uri = parseUri(request.uri)
    const startLine = `${request.method} ${request.uri} SIP/2.0`
    if (uri === undefined || !KNOWN_METHODS.has(request.method)) {
      return `invalid request-uri: ${startLine}`
    }
    const nextHop = frame.routeUrl === '' ? uri : parseUri(frame.routeUrl)
    // A tel URI has no host: it needs a route.
    if (nextHop === undefined || nextHop.host === '')
      return `invalid request-uri: ${frame.routeUrl === '' ? startLine : frame.routeUrl}`
    const transport = this.#stack.transports.choose(nextHop)
    if (transport === undefined) return 'requested protocol/transport not available'
    const peer = literalPeer(nextHop)
    if (peer !== undefined && this.#stack.transports.isOwnAddress(peer)) {
      return 'can not send request to myself'
    }
    if (request.method === 'INVITE' && this.#stack.dialogs.isFull)
      return 'Server error: too many dialogs'
    if (this.#stack.transactions.isFull) return 'Server error: too many transactions'
    const app = readAppHeaders(request.headers, transport.advertised)
    const type = bodyType(request.body, app.contentType)
    if (type.kind === 'missing') return 'missing content-type'
    const contentType = type.kind === 'typed' ? type.contentType : undefined
    return { transport, nextHop, app, contentType }
  }
}

function buildRequest(request: SipRequest, { transport, app, contentType }: Plan): OutboundRequest {
  const { method, uri, body } = request
  const branch = `${MAGIC_COOKIE}${randomToken()}`
  const { host, port } = transport.advertised
  const contact = app.contact ?? (WITH_CONTACT.has(method) ? contactOf({ host, port }) : undefined)
  const from = app.from ?? withoutParameters(contact) ?? contactOf({ host, port })
  const seq = parseCSeq(app.cseq)?.seq ?? 1
  const headers = new SipHeaders()
    .append('Via', formatVia(transport.protocol, host, port, branch))
    .append('Max-Forwards', app.maxForwards ?? '70')
    .append('From', tagOf(from) === '' ? `${from};tag=${randomToken()}` : from)
    .append('To', app.to ?? `<${uri}>`)
    .append('Call-ID', app.callId ?? randomUUID())
    .append('CSeq', `${seq} ${method}`)
  if (contact !== undefined) headers.append('Contact', contact)
  for (const [name, value] of app.others) headers.append(name, value)
  if (contentType !== undefined) headers.append('Content-Type', contentType)
  return { method, uri, branch, headers, bytes: serialize(requestLine(method, uri), headers, body) }
}

/** A From made of a Contact must not inherit its parameters. */
const withoutParameters = (contact: string | undefined): string | undefined =>
  contact === undefined ? undefined : contact.slice(0, contact.indexOf('>') + 1) || contact
