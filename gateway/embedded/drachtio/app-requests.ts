// Requests of the application: new ones, those within a dialog, ACK, PRACK and CANCEL.
import { randomUUID } from 'node:crypto'
import { randomToken } from '../random-token.ts'
import { uriInBrackets } from '../dialog/route-set.ts'
import { guarded } from '../fault-sink.ts'
import { tagOf } from '../message/name-addr.ts'
import { SipHeaders } from '../message/sip-headers.ts'
import { parseCSeq, type SipRequest } from '../message/sip-message.ts'
import { parseUri, type SipUri } from '../message/uri.ts'
import { KNOWN_METHODS } from '../message/validate-request.ts'
import {
  inviteBranch,
  newBranch,
  outboundRequest,
  viaOf,
  type OutboundRequest,
} from '../transaction/outbound-request.ts'
import type { Location } from '../transport/locate/server-locator.ts'
import type { Destination, Transport } from '../transport/transport.ts'
import type { AppClient } from './app-client.ts'
import type { SipFrame } from './admin-server.ts'
import { bodyType, contactOf, readAppHeaders, type AppHeaders } from './app-headers.ts'
import { OutboundInvite } from './outbound-invite.ts'
import { OutboundNonInvite } from './outbound-non-invite.ts'
import { peerOf, type SipStack } from './sip-stack.ts'

/** Methods that get a Contact of ours when the application gives none. */
const WITH_CONTACT: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE'])

interface Plan {
  readonly transport: Transport
  /** Where it goes first, when that is known. */
  readonly first: Destination | undefined
  readonly app: AppHeaders
  readonly contentType: string | undefined
}

export class AppRequests {
  readonly #stack: SipStack

  constructor(stack: SipStack) {
    this.#stack = stack
  }

  /** A request that opens something new: sent once it is known where to. */
  send(client: AppClient, frame: SipFrame, request: SipRequest): void {
    const nextHop = nextHopOf(frame, request)
    const startLine = `${request.method} ${request.uri} SIP/2.0`
    const isKnown = parseUri(request.uri) !== undefined && KNOWN_METHODS.has(request.method)
    // A tel URI has no host: it needs a route.
    if (!isKnown || nextHop === undefined || nextHop.host === '') {
      const wrong = isKnown && frame.routeUrl !== '' ? frame.routeUrl : startLine
      client.refuseSip(frame.id, `invalid request-uri: ${wrong}`)
      return
    }
    const go = (location: Location): void => {
      if (client.isOpen) this.#launch(client, frame, request, location)
    }
    const found = this.#stack.locator.locate(nextHop)
    if (found instanceof Promise) void found.then((location) => guarded(() => go(location)))
    else go(found)
  }

  #launch(client: AppClient, frame: SipFrame, request: SipRequest, location: Location): void {
    const plan = this.#plan(request, location)
    if (typeof plan === 'string') {
      client.refuseSip(frame.id, plan)
      return
    }
    const { transport, app } = plan
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
      localContact: app.contact ?? contactOf(transport),
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
    outbound.start(location)
  }

  cancel(client: AppClient, frame: SipFrame, request: SipRequest): void {
    const invite = this.#stack.outboundInvites.byTxnId(frame.txnId)
    if (invite === undefined) {
      client.refuseSip(frame.id, `unable to cancel unknown transaction id: ${frame.txnId}`)
      return
    }
    const { transport } = invite.init
    const { others } = readAppHeaders(request.headers, transport)
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
  #plan(request: SipRequest, location: Location): Plan | string {
    const { transports, transactions, dialogs } = this.#stack
    const destinations = location.kind === 'found' ? location.destinations : []
    // A name nobody knows is reported as a 503 to a request, and that has to name some address of ours.
    const transport = destinations[0]?.transport ?? transports.all[0]
    if (location.kind === 'no-transport' || transport === undefined)
      return 'requested protocol/transport not available'
    if (
      destinations.some(({ transport: { protocol }, peer }) =>
        transports.isOwnAddress(protocol, peer),
      )
    )
      return 'can not send request to myself'
    if (request.method === 'INVITE' && dialogs.isFull) return 'Server error: too many dialogs'
    if (transactions.isFull) return 'Server error: too many transactions'
    const app = readAppHeaders(request.headers, transport)
    const type = bodyType(request.body, app.contentType)
    if (type.kind === 'missing') return 'missing content-type'
    const contentType = type.kind === 'typed' ? type.contentType : undefined
    return { transport, first: destinations[0], app, contentType }
  }
}

/** The route URL of the frame, else a preloaded Route (RFC 3261 §8.1.2), else the Request-URI. */
function nextHopOf({ routeUrl }: SipFrame, { uri, headers }: SipRequest): SipUri | undefined {
  const preloaded = headers.get('Route')
  if (routeUrl !== '') return parseUri(routeUrl)
  return parseUri(preloaded === undefined ? uri : uriInBrackets(preloaded))
}

function buildRequest(request: SipRequest, plan: Plan): OutboundRequest {
  const { transport, first, app, contentType } = plan
  const { method, uri, body } = request
  const ownContact = contactOf(transport)
  const contact = app.contact ?? (WITH_CONTACT.has(method) ? ownContact : undefined)
  const from = app.from ?? withoutParameters(contact) ?? ownContact
  const seq = parseCSeq(app.cseq)?.seq ?? 1
  const headers = new SipHeaders().append('Via', '')
  for (const route of request.headers.getAll('Route')) headers.append('Route', route)
  headers
    .append('Max-Forwards', app.maxForwards ?? '70')
    .append('From', tagOf(from) === '' ? `${from};tag=${randomToken()}` : from)
    .append('To', app.to ?? `<${uri}>`)
    .append('Call-ID', app.callId ?? randomUUID())
    .append('CSeq', `${seq} ${method}`)
  if (contact !== undefined) headers.append('Contact', contact)
  for (const [name, value] of app.others) headers.append(name, value)
  if (contentType !== undefined) headers.append('Content-Type', contentType)
  const branch =
    method === 'INVITE' && first !== undefined ? inviteBranch(headers, first) : newBranch()
  headers.set('Via', viaOf(transport, branch))
  return outboundRequest({ method, uri, branch }, headers, body)
}

/** A From made of a Contact must not inherit its parameters. */
const withoutParameters = (contact: string | undefined): string | undefined =>
  contact === undefined ? undefined : contact.slice(0, contact.indexOf('>') + 1) || contact
