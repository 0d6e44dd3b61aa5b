// What the other side must do, checked message by message (RFC 3261 §8.1.1, §8.1.3, §9.1, §12, §13, §20). Pure: a
// message and what was agreed in, complaints out. No complaint ever holds a number or an address.
import { decodeSdp } from './sdp.ts'
import { codecOf } from './telephone-codec.ts'
import { decodeVia, hostPortOf, tagOf, uriOf } from './sip-address.ts'
import {
  cseqOf,
  headerList,
  headerOf,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from './sip-message.ts'

const when = (isWrong: boolean, complaint: string): string[] => (isWrong ? [complaint] : [])

const nameOf = (message: SipMessage): string =>
  message.kind === 'request' ? message.method : `${message.status} to ${cseqOf(message).method}`

/** What holds for every message. */
export function checkMessage(message: SipMessage): string[] {
  const what = nameOf(message)
  const single = ['from', 'to', 'call-id', 'cseq']
  const missing = single.filter((name) => headerOf(message, name) === '')
  const doubled = [...single, 'content-length', 'max-forwards', 'content-type'].filter(
    (name) => message.headers.filter(([candidate]) => candidate === name).length > 1,
  )
  const vias = headerList(message, 'via').map(decodeVia)
  return [
    ...missing.map((name) => `${what} without ${name}`),
    ...doubled.map((name) => `${what} with ${name} twice`),
    ...when(vias.length === 0 || vias.includes(undefined), `${what} with a bad Via`),
    ...when(
      vias.some((via) => via !== undefined && !via.branch.startsWith('z9hG4bK')),
      `${what} with a Via branch without the magic cookie`,
    ),
    ...when(tagOf(headerOf(message, 'from')) === '', `${what} without a From tag`),
    ...when(Number.isNaN(cseqOf(message).number), `${what} with a bad CSeq`),
    ...checkBody(message, what),
    ...(message.kind === 'request' ? checkRequestLine(message) : []),
  ]
}

function checkBody(message: SipMessage, what: string): string[] {
  const length = headerOf(message, 'content-length')
  const isWrong = length !== '' && Number(length) !== message.body.length
  const isUntyped = message.body.length > 0 && headerOf(message, 'content-type') === ''
  return [
    ...when(isWrong, `${what} with a Content-Length that is not the body's`),
    ...when(isUntyped, `${what} with a body without Content-Type`),
  ]
}

function checkRequestLine(request: SipRequest): string[] {
  const hops = headerOf(request, 'max-forwards')
  const what = request.method
  return [
    ...when(cseqOf(request).method !== what, `${what} with the CSeq method of another`),
    ...when(!/^\d{1,3}$/.test(hops) || Number(hops) > 255, `${what} with a bad Max-Forwards`),
    ...when(hostPortOf(request.uri) === undefined, `${what} with a bad Request-URI`),
  ]
}

export function checkInvite(invite: SipRequest): string[] {
  return [
    ...checkContact(invite),
    ...when(tagOf(headerOf(invite, 'to')) !== '', 'initial INVITE with a To tag'),
    ...(invite.body.length > 0 ? checkSdp(invite) : []),
  ]
}

function checkContact(message: SipMessage): string[] {
  const contacts = headerList(message, 'contact')
  const uri = hostPortOf(uriOf(contacts[0] ?? ''))
  const what = nameOf(message)
  if (contacts.length !== 1) return [`${what} without exactly one Contact`]
  return when(
    uri === undefined || uri.port === 0 || uri.host === '0.0.0.0',
    `${what} with a bad Contact`,
  )
}

function checkSdp(message: SipMessage): string[] {
  const what = nameOf(message)
  const isTyped = headerOf(message, 'content-type').toLowerCase().startsWith('application/sdp')
  const audio = decodeSdp(message.body.toString('utf8'))
  if (!isTyped || !audio) return [`${what} without an SDP body that has audio`]
  return when(!audio.payloadTypes.some(codecOf), `${what} without PCMU or PCMA`)
}

/** CANCEL repeats the INVITE's identity (§9.1). `hadProvisional`: it may only come after one. */
export function checkCancel(
  cancel: SipRequest,
  invite: SipRequest,
  hadProvisional: boolean,
): string[] {
  const same = ['from', 'to', 'call-id', 'route']
  return [
    ...same
      .filter((name) => headerOf(cancel, name) !== headerOf(invite, name))
      .map((name) => `CANCEL with another ${name} than its INVITE`),
    ...when(cancel.uri !== invite.uri, 'CANCEL with another Request-URI than its INVITE'),
    ...when(cseqOf(cancel).number !== cseqOf(invite).number, 'CANCEL with the wrong CSeq number'),
    ...when(!hadProvisional, 'CANCEL before any provisional response'),
    ...when(headerList(cancel, 'via').length > 1, 'CANCEL with more than one Via'),
  ]
}

/** What was agreed when the dialog was made, as the other side must honour it. */
export interface DialogAgreement {
  readonly contactUri: string
  /** URIs of the proxies that record-routed, nearest to the other side first. */
  readonly routes: readonly string[]
  readonly localTag: string
  readonly remoteTag: string
}

/** A request inside a dialog, ACK included (§12.2). */
export function checkInDialog(request: SipRequest, agreed: DialogAgreement): string[] {
  const what = request.method
  const routes = headerList(request, 'route').map(uriOf)
  const isRouted = routes.join() === agreed.routes.join()
  const complaint =
    routes.length === 0
      ? `${what} lacks the Route of the Record-Route`
      : `${what} with the wrong Route`
  return [
    ...when(request.uri !== agreed.contactUri, `${what} to a target that is not our Contact`),
    ...when(!isRouted, complaint),
    ...when(tagOf(headerOf(request, 'to')) !== agreed.localTag, `${what} with the wrong To tag`),
    ...when(
      tagOf(headerOf(request, 'from')) !== agreed.remoteTag,
      `${what} with the wrong From tag`,
    ),
  ]
}

/** A response carries the request's Via, From, Call-ID and CSeq (§8.2.6.2). */
export function checkResponse(response: SipResponse, request: SipRequest): string[] {
  const what = nameOf(response)
  const vias = headerList(response, 'via')
  const branch = (value: string | undefined): string => decodeVia(value ?? '')?.branch ?? ''
  const toTag = tagOf(headerOf(response, 'to'))
  return [
    ...['from', 'call-id']
      .filter((name) => headerOf(response, name) !== headerOf(request, name))
      .map((name) => `${what} with another ${name} than the request`),
    ...when(
      uriOf(headerOf(response, 'to')) !== uriOf(headerOf(request, 'to')),
      `${what} with another To`,
    ),
    ...when(
      cseqOf(response).number !== cseqOf(request).number,
      `${what} with the wrong CSeq number`,
    ),
    ...when(vias.length !== 1, `${what} with ${vias.length} Via`),
    ...when(branch(vias[0]) !== branch(headerOf(request, 'via')), `${what} with another branch`),
    ...when(response.status > 100 && toTag === '', `${what} without a To tag`),
  ]
}

/** 2xx to INVITE makes the dialog: Contact, SDP, and our Record-Route given back (§12.1.1, §13.3.1.4). */
export function checkAnswer(answer: SipResponse, recordRoutes: readonly string[]): string[] {
  const copied = headerList(answer, 'record-route').map(uriOf)
  const isCopied = recordRoutes.every((uri) => copied.includes(uri))
  return [
    ...checkContact(answer),
    ...checkSdp(answer),
    ...when(!isCopied, '200 to INVITE does not give Record-Route back'),
  ]
}
