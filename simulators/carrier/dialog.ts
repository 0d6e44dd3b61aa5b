// One dialog from our side: what our requests in it carry and where they go (RFC 3261 §12).
import { hostPortOf, tagOf, uriOf, type HostPort } from './sip-address.ts'
import type { RequestDraft } from './sip-endpoint.ts'
import {
  cseqOf,
  headerList,
  headerOf,
  type HeaderLine,
  type SipRequest,
  type SipResponse,
} from './sip-message.ts'

interface DialogParts {
  readonly callId: string
  /** From and To of our requests, tags included. */
  readonly localParty: string
  readonly remoteParty: string
  readonly remoteTarget: string
  readonly routeSet: readonly string[]
  readonly localCseq: number
  /** NaN until the other side sent a request in it. */
  readonly remoteCseq: number
  /** Where requests go when the target is unreadable. */
  readonly fallback: HostPort
}

export class Dialog {
  readonly #parts: DialogParts
  #localCseq: number
  #remoteCseq: number

  constructor(parts: DialogParts) {
    this.#parts = parts
    this.#localCseq = parts.localCseq
    this.#remoteCseq = parts.remoteCseq
  }

  get remoteTag(): string {
    return tagOf(this.#parts.remoteParty)
  }

  /** False when a new request of the other side does not count up (§12.2.2). */
  acceptCseq(number: number): boolean {
    if (number <= this.#remoteCseq) return false
    this.#remoteCseq = number
    return true
  }

  request(method: string): RequestDraft {
    this.#localCseq += 1
    return { ...this.#draft(method, this.#localCseq), method }
  }

  /** ACK of the 2xx: the CSeq number of the INVITE. */
  ack(cseq: number): Omit<RequestDraft, 'method'> {
    return this.#draft('ACK', cseq)
  }

  #draft(method: string, cseq: number): Omit<RequestDraft, 'method'> {
    const { routeSet, remoteTarget, localParty, remoteParty, callId, fallback } = this.#parts
    const headers: HeaderLine[] = [
      ...routeSet.map((route) => ['Route', route] as const),
      ['From', localParty],
      ['To', remoteParty],
      ['Call-ID', callId],
      ['CSeq', `${cseq} ${method}`],
    ]
    const to = hostPortOf(uriOf(routeSet[0] ?? '')) ?? hostPortOf(remoteTarget) ?? fallback
    return { uri: remoteTarget, headers, to }
  }
}

/** The dialog of a call that we take. */
export const dialogOfInvite = (invite: SipRequest, localTag: string, fallback: HostPort): Dialog =>
  new Dialog({
    callId: headerOf(invite, 'call-id'),
    localParty: `${headerOf(invite, 'to')};tag=${localTag}`,
    remoteParty: headerOf(invite, 'from'),
    remoteTarget: uriOf(headerOf(invite, 'contact')),
    routeSet: headerList(invite, 'record-route'),
    localCseq: 0,
    remoteCseq: cseqOf(invite).number,
    fallback,
  })

/** The dialog of a call that we made. `ownRoutes`: Record-Route entries of the proxy that stands before us. */
export const dialogOfAnswer = (
  answer: SipResponse,
  ownRoutes: readonly string[],
  fallback: HostPort,
): Dialog =>
  new Dialog({
    callId: headerOf(answer, 'call-id'),
    localParty: headerOf(answer, 'from'),
    remoteParty: headerOf(answer, 'to'),
    remoteTarget: uriOf(headerOf(answer, 'contact')),
    routeSet: headerList(answer, 'record-route')
      .filter((route) => !ownRoutes.includes(uriOf(route)))
      .reverse(),
    localCseq: cseqOf(answer).number,
    remoteCseq: Number.NaN,
    fallback,
  })
