// The carrier's end of SIP over UDP: one socket, its transactions, and who hears of what. Knows no calls.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { checkResponse } from './protocol-check.ts'
import { decodeVia, tagOf, viaWithSource, type HostPort } from './sip-address.ts'
import {
  cseqOf,
  decodeSip,
  encodeSip,
  headerList,
  headerOf,
  startLineOf,
  type HeaderLine,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from './sip-message.ts'
import { TimerSet } from './timer-set.ts'
import {
  ClientTransaction,
  ServerTransaction,
  type ClientTransactionHandlers,
  type SipTimers,
  type TransactionDeps,
} from './transaction.ts'

export interface Datagram {
  readonly direction: 'sent' | 'received'
  readonly startLine: string
  readonly raw: Buffer
}
/** True loses the datagram, as a bad network would. */
export type DropFilter = (datagram: Datagram) => boolean

export interface EndpointHandlers {
  /** Every datagram, as it passes; also those that `drop` loses. */
  onDatagram(datagram: Datagram, message: SipMessage | undefined, dropped: boolean): void
  /** A request for the first time; never an ACK. `invite` is the transaction that a CANCEL aims at. */
  onRequest(transaction: ServerTransaction, invite: ServerTransaction | undefined): void
  /** ACK for a 2xx. */
  onAck(request: SipRequest): void
  onProtocolError(complaint: string, message: SipMessage | undefined): void
}
export interface EndpointOptions {
  readonly listen: HostPort
  readonly timers: SipTimers
  readonly drop: DropFilter
}
export interface RequestDraft {
  readonly method: string
  readonly uri: string
  readonly headers: readonly HeaderLine[]
  readonly body?: string
  readonly to: HostPort
}
export interface ResponseDraft {
  readonly status: number
  readonly reason: string
  readonly toTag: string
  readonly headers?: readonly HeaderLine[]
  readonly body?: string
}

/** A transaction answers repeats for 64·T1; kept a little longer to be safe (timers H, J, K, M). */
const KEPT_MS = 40_000
/** An INVITE may ring for three minutes first (timer C). */
const INVITE_KEPT_MS = 240_000

export class SipEndpoint {
  readonly address: HostPort
  readonly timers = new TimerSet()
  readonly #socket: Socket
  readonly #handlers: EndpointHandlers
  readonly #drop: DropFilter
  readonly #deps: TransactionDeps
  readonly #server = new Map<string, ServerTransaction>()
  readonly #client = new Map<string, ClientTransaction>()
  readonly #inFlight = new Set<Promise<void>>()
  #closed = false

  constructor(socket: Socket, options: EndpointOptions, handlers: EndpointHandlers) {
    const { address, port } = socket.address()
    this.address = { host: address, port }
    this.#socket = socket
    this.#handlers = handlers
    this.#drop = options.drop
    const send = (datagram: Buffer, to: HostPort): void => this.#send(datagram, to)
    this.#deps = { timers: this.timers, sip: options.timers, send }
    socket.on('message', (raw, source) => {
      this.#receive(raw, { host: source.address, port: source.port })
    })
    socket.on('error', (error) => handlers.onProtocolError(error.message, undefined))
  }

  /** Sends a request in a transaction of its own. The Via comes first and is ours. */
  request(draft: RequestDraft, handlers: ClientTransactionHandlers): ClientTransaction {
    return this.#startClient(draft, `z9hG4bK${randomBytes(8).toString('hex')}`, handlers)
  }

  /** CANCEL of an INVITE of ours: the same branch, Request-URI, Route, From, To and CSeq number (RFC 3261 §9.1). */
  cancel(invite: ClientTransaction): ClientTransaction {
    const { request, to } = invite.outgoing
    const copied = request.headers.filter(([name]) =>
      ['route', 'from', 'to', 'call-id'].includes(name),
    )
    const headers: HeaderLine[] = [...copied, ['cseq', `${cseqOf(request).number} CANCEL`]]
    const branch = decodeVia(headerOf(request, 'via'))?.branch ?? ''
    const draft = { method: 'CANCEL', uri: request.uri, headers, to }
    return this.#startClient(draft, branch, {
      onResponse: ({ status }) => {
        if (status < 300) return
        this.#handlers.onProtocolError(`CANCEL was answered ${status}`, request)
      },
      onTimeout: () => this.#handlers.onProtocolError('no response to CANCEL', request),
    })
  }

  /** ACK for a 2xx, outside any transaction; the returned function sends the same bytes again. */
  acknowledge(draft: Omit<RequestDraft, 'method'>): () => void {
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`
    const { datagram } = this.#encode({ ...draft, method: 'ACK' }, branch)
    const send = (): void => this.#send(datagram, draft.to)
    send()
    return send
  }

  respond(transaction: ServerTransaction, draft: ResponseDraft, onNoAck?: () => void): void {
    const { request } = transaction
    const to = headerOf(request, 'to')
    const via = request.headers.filter(([name]) => name === 'via')
    const establishes = draft.status > 100 && draft.status < 300
    const headers: HeaderLine[] = [
      ...via.map(([, value]) => ['Via', value] as const),
      ...(draft.headers?.filter(([name]) => name === 'Record-Route') ?? []),
      ...(establishes ? headerList(request, 'record-route') : []).map(
        (value) => ['Record-Route', value] as const,
      ),
      ['From', headerOf(request, 'from')],
      ['To', tagOf(to) === '' && draft.status > 100 ? `${to};tag=${draft.toTag}` : to],
      ['Call-ID', headerOf(request, 'call-id')],
      ['CSeq', headerOf(request, 'cseq')],
      ...(draft.headers?.filter(([name]) => name !== 'Record-Route') ?? []),
    ]
    const startLine = `SIP/2.0 ${draft.status} ${draft.reason}`
    transaction.respond(draft.status, encodeSip(startLine, headers, draft.body), onNoAck)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.timers.close()
    await Promise.allSettled(this.#inFlight)
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  #startClient(
    draft: RequestDraft,
    branch: string,
    handlers: ClientTransactionHandlers,
  ): ClientTransaction {
    const { datagram, request } = this.#encode(draft, branch)
    const outgoing = { request, datagram, to: draft.to }
    const transaction = new ClientTransaction(this.#deps, outgoing, handlers)
    this.#keep(this.#client, `${branch}|${draft.method}`, transaction, draft.method)
    return transaction
  }

  #encode(draft: RequestDraft, branch: string): { datagram: Buffer; request: SipRequest } {
    const { host, port } = this.address
    const headers: HeaderLine[] = [
      ['Via', `SIP/2.0/UDP ${host}:${port};branch=${branch};rport`],
      ['Max-Forwards', '70'],
      ...draft.headers,
    ]
    const datagram = encodeSip(`${draft.method} ${draft.uri} SIP/2.0`, headers, draft.body)
    const request = decodeSip(datagram)
    if (request.kind !== 'request') throw new Error('a request of ours does not parse')
    return { datagram, request }
  }

  #send(raw: Buffer, to: HostPort): void {
    if (this.#closed) return
    const datagram: Datagram = { direction: 'sent', startLine: startLineOf(raw), raw }
    const dropped = this.#drop(datagram)
    const message = decodeSip(raw)
    this.#handlers.onDatagram(datagram, message.kind === 'malformed' ? undefined : message, dropped)
    if (dropped) return
    const sent = new Promise<void>((resolve) => {
      this.#socket.send(raw, to.port, to.host, (error) => {
        if (error) this.#handlers.onProtocolError(`cannot send: ${error.message}`, undefined)
        resolve()
      })
    })
    this.#inFlight.add(sent)
    void sent.then(() => this.#inFlight.delete(sent))
  }

  #receive(raw: Buffer, source: HostPort): void {
    if (this.#closed || raw.length <= 4) return // Four bytes or fewer: a keep-alive (RFC 5626 §3.5.1).
    const datagram: Datagram = { direction: 'received', startLine: startLineOf(raw), raw }
    const message = decodeSip(raw)
    const dropped = this.#drop(datagram)
    const readable = message.kind === 'malformed' ? undefined : message
    this.#handlers.onDatagram(datagram, readable, dropped)
    if (dropped) return
    switch (message.kind) {
      case 'malformed':
        this.#handlers.onProtocolError(`unreadable datagram: ${message.why}`, undefined)
        return
      case 'response':
        this.#receiveResponse(message)
        return
      case 'request':
        this.#receiveRequest(message, source)
        return
      default:
        message satisfies never
    }
  }

  #receiveResponse(response: SipResponse): void {
    const via = decodeVia(headerOf(response, 'via'))
    const transaction = this.#client.get(`${via?.branch ?? ''}|${cseqOf(response).method}`)
    if (!transaction) {
      this.#handlers.onProtocolError(`response ${response.status} to no request of ours`, response)
      return
    }
    for (const complaint of checkResponse(response, transaction.outgoing.request)) {
      this.#handlers.onProtocolError(complaint, response)
    }
    transaction.receive(response)
  }

  #receiveRequest(received: SipRequest, source: HostPort): void {
    const [topVia = '', ...otherVias] = headerList(received, 'via')
    const via = decodeVia(topVia)
    if (!via) {
      this.#handlers.onProtocolError('request without a readable Via', received)
      return
    }
    const key = `${via.branch}|${via.host}:${via.port}`
    const invite = this.#server.get(`${key}|INVITE`)
    if (received.method === 'ACK') {
      this.#receiveAck(received, invite)
      return
    }
    const known = this.#server.get(`${key}|${received.method}`)
    if (known) {
      known.repeat()
      return
    }
    const vias = [viaWithSource(topVia, source), ...otherVias]
    const headers = received.headers.filter(([name]) => name !== 'via')
    const request: SipRequest = {
      ...received,
      headers: [...vias.map((value) => ['via', value] as const), ...headers],
    }
    const replyTo = { host: source.host, port: via.rport ? source.port : via.port }
    const transaction = new ServerTransaction(this.#deps, request, replyTo)
    this.#keep(this.#server, `${key}|${received.method}`, transaction, received.method)
    this.#handlers.onRequest(transaction, invite)
  }

  /** The ACK of a failure has the INVITE's branch; that of a 2xx a branch of its own (RFC 3261 §13.2.2.4, §17.1.1.3). */
  #receiveAck(ack: SipRequest, invite: ServerTransaction | undefined): void {
    if (!invite) {
      this.#handlers.onAck(ack)
      return
    }
    if ((invite.finalStatus ?? 0) < 300) {
      this.#handlers.onProtocolError('ACK of a 2xx with the branch of the INVITE', ack)
      this.#handlers.onAck(ack)
      return
    }
    const numbersAgree = cseqOf(ack).number === cseqOf(invite.request).number
    if (!numbersAgree) this.#handlers.onProtocolError('ACK with the wrong CSeq number', ack)
    invite.acknowledge()
  }

  #keep<T>(kept: Map<string, T>, key: string, transaction: T, method: string): void {
    kept.set(key, transaction)
    const keptMs = method === 'INVITE' ? INVITE_KEPT_MS : KEPT_MS
    this.timers.after(keptMs, () => kept.delete(key))
  }
}

export async function openSipEndpoint(
  options: EndpointOptions,
  handlers: EndpointHandlers,
): Promise<SipEndpoint> {
  const socket = createSocket('udp4')
  try {
    socket.bind(options.listen.port, options.listen.host)
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  return new SipEndpoint(socket, options, handlers)
}
