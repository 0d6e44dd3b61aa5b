// Datagrams to the transaction layer: parsed once, judged once, counted.
import type { Counters } from './counters.ts'
import type { Gate } from './gate/gate.ts'
import { TLS_NAME_HEADER } from './message/header-names.ts'
import { parseMessage } from './message/parse-message.ts'
import type { SipRequest, SipResponse } from './message/sip-message.ts'
import { validateRequest } from './message/validate-request.ts'
import { validateResponse } from './message/validate-response.ts'
import { parseVia, viaWithSource } from './message/via.ts'
import type { SipLimits } from './server-options.ts'
import { plainResponse, type PlainResponse } from './transaction/build-response.ts'
import type { InboundRequest } from './transaction/inbound-request.ts'
import type { Refusal, TransactionLayer } from './transaction/transaction-layer.ts'
import type { Peer, Transport } from './transport/transport.ts'

export interface InboundMessagesDeps {
  readonly transactions: TransactionLayer
  readonly limits: SipLimits
  readonly counters: Counters
  readonly gate: Gate
}

export class InboundMessages {
  readonly #transactions: TransactionLayer
  readonly #limits: SipLimits
  readonly #counters: Counters
  readonly #gate: Gate

  constructor({ transactions, limits, counters, gate }: InboundMessagesDeps) {
    this.#transactions = transactions
    this.#limits = limits
    this.#counters = counters
    this.#gate = gate
  }

  receive(bytes: Buffer, source: Peer, transport: Transport, size?: 'too-large'): void {
    // Nobody can be answered there; a raw socket is needed to write it.
    if (source.port === 0) {
      this.#counters.dropped('source-port-zero')
      return
    }
    if (size === 'too-large' || bytes.length > this.#limits.maxMessageBytes) {
      this.#onTooLarge(bytes, source, transport)
      return
    }
    const { maxHeaders } = this.#limits
    const message = parseMessage(bytes, { trustContentLength: true, maxHeaders })
    if (message.kind !== 'not-sip') certify(message, source)
    switch (message.kind) {
      case 'not-sip':
        if (message.reason !== 'keep-alive') this.#counters.dropped(message.reason)
        return
      case 'request':
        this.#onRequest(message, bytes.length, source, transport)
        return
      case 'response':
        this.#onResponse(message, source)
        return
      default:
        message satisfies never
    }
  }

  #onRequest(request: SipRequest, byteLength: number, source: Peer, transport: Transport): void {
    this.#counters.add('requestsReceived')
    markSource(request, source)
    const verdict = validateRequest(request)
    const inbound: InboundRequest | undefined =
      verdict.kind === 'valid'
        ? {
            ...verdict.essentials,
            ...{ request, byteLength, source, transport },
            isUnproven: this.#isUnproven(verdict.essentials.toTag, source, transport),
          }
        : undefined
    // Before its faults are told: who is dropped learns nothing. What was begun before the gate closed may be ended.
    const isTaken = (): boolean =>
      inbound !== undefined && this.#transactions.belongsToTaken(inbound)
    const refusal = this.#refusalOf(request, source, isTaken)
    if (refusal) {
      this.#turnAway(request, refusal, source, transport)
      return
    }
    switch (verdict.kind) {
      case 'valid':
        if (inbound) this.#transactions.receiveRequest(inbound)
        return
      case 'rejected':
        this.#refuse(request, verdict.rejection, 'invalid', source, transport)
        return
      case 'dropped':
        this.#counters.dropped(verdict.reason)
        return
      default:
        verdict satisfies never
    }
  }

  /** A request whose headers are small is told; nothing beyond the limit is looked at. */
  #onTooLarge(bytes: Buffer, source: Peer, transport: Transport): void {
    const { maxMessageBytes, maxHeaders } = this.#limits
    const head = bytes.subarray(0, maxMessageBytes)
    const blankLine = head.indexOf('\r\n\r\n', 'latin1')
    const message =
      blankLine === -1
        ? undefined
        : parseMessage(head.subarray(0, blankLine + 4), { trustContentLength: false, maxHeaders })
    if (message?.kind !== 'request') {
      this.#counters.dropped('too-large')
      return
    }
    this.#counters.add('requestsReceived')
    markSource(message, source)
    const refusal = this.#refusalOf(message, source)
    if (refusal) this.#turnAway(message, refusal, source, transport)
    else this.#refuse(message, { status: 513 }, 'too-large', source, transport)
  }

  #onResponse(response: SipResponse, source: Peer): void {
    this.#counters.add('responsesReceived')
    const verdict = validateResponse(response)
    if (verdict.kind === 'dropped') this.#counters.dropped(verdict.reason)
    else {
      this.#transactions.receiveResponse({ ...verdict.essentials, response, source })
    }
  }

  #refusalOf(
    request: SipRequest,
    { address }: Peer,
    isTaken: () => boolean = () => false,
  ): Refusal | undefined {
    const isOngoing = (): boolean => this.#transactions.isWithinDialog(request.headers) || isTaken()
    return this.#gate.refusalOf(request, address, isOngoing)
  }

  #isUnproven(toTag: string, { address }: Peer, { isReliable }: Transport): boolean {
    return !isReliable && toTag === '' && this.#gate.isUnproven(address)
  }

  #turnAway(request: SipRequest, refusal: Refusal, source: Peer, transport: Transport): void {
    const { response, cause } = refusal
    if (response === undefined) this.#counters.dropped(cause)
    else this.#refuse(request, response, cause, source, transport)
  }

  /** Without a transaction: the request is not worth one, and its repetition gets the same answer. */
  #refuse(
    request: SipRequest,
    response: PlainResponse,
    cause: string,
    source: Peer,
    transport: Transport,
  ): void {
    if (request.method === 'ACK' || !request.headers.has('Via')) {
      this.#counters.dropped(cause)
      return
    }
    this.#counters.rejected(response.status, cause)
    this.#counters.add('responsesSent')
    const via = parseVia(request.headers.get('Via') ?? '')
    transport.reply(plainResponse(request, response), source, via?.port)
  }
}

function markSource({ headers }: SipRequest, { address, port }: Peer): void {
  const topVia = headers.get('Via')
  if (topVia !== undefined) headers.set('Via', viaWithSource(topVia, address, port))
}

/** The header that says who is at the other end of a connection is ours alone: from the network it is a lie. */
function certify({ headers, kind }: SipRequest | SipResponse, { tlsNames }: Peer): void {
  if (headers.has(TLS_NAME_HEADER)) headers.remove(TLS_NAME_HEADER)
  if (kind === 'request' && tlsNames) headers.append(TLS_NAME_HEADER, tlsNames.join(', '))
}
