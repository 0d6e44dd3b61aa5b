// SIP messages as a careful party writes them.
import type { Request, Response } from './read-message.ts'

export const SDP = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
  ...[
    'm=audio 4000 RTP/AVP 0 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
  ],
  ...['a=sendrecv', ''],
].join('\r\n')

export interface RequestParts {
  readonly method: string
  readonly uri: string
  /** Makes branch, Call-ID and tag its own. */
  readonly mark: string
  /** `host:port` of who sends it. */
  readonly sender: string
  readonly transport: 'UDP' | 'TCP'
  readonly callId?: string
  readonly seq?: number
  readonly from?: string
  readonly to?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** A request as a careful caller writes it. */
export function requestText(parts: RequestParts): string {
  const { method, mark, sender, seq = 1, uri, body = '' } = parts
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${parts.transport} ${sender};rport;branch=z9hG4bK${mark};mark=${mark}`,
    'Max-Forwards: 70',
    `From: ${parts.from ?? `"A. Caller" <sip:+4930700@${sender}>;tag=t${mark}`}`,
    `To: ${parts.to ?? `<${uri}>`}`,
    `Call-ID: ${parts.callId ?? `c${mark}@proof`}`,
    `CSeq: ${seq} ${method}`,
    `Contact: <sip:caller@${sender}>`,
    ...(parts.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** A response that mirrors the request. */
export function responseText(
  { fields }: Request,
  status: string,
  more: {
    readonly tag?: string
    readonly headers?: readonly string[]
    readonly body?: string
  } = {},
): string {
  const { body = '', headers = [], tag } = more
  return [
    `SIP/2.0 ${status}`,
    ...fields.vias.map((via) => `Via: ${via}`),
    `From: ${fields.from}`,
    `To: ${fields.to}${tag === undefined ? '' : `;tag=${tag}`}`,
    `Call-ID: ${fields.callId}`,
    `CSeq: ${fields.seq} ${fields.method}`,
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export type WithinParts = Pick<
  RequestParts,
  'method' | 'mark' | 'sender' | 'transport' | 'seq' | 'body'
>

/** A request of the caller, inside the dialog that this answer made. */
export function withinDialog({ fields }: Response, parts: WithinParts): string {
  const { callId, from, to } = fields
  const uri = /<([^>]*)>/.exec(fields.contact)?.[1] ?? fields.contact
  return requestText({ ...parts, uri, from, to, callId })
}

/** A request of the callee, inside the dialog that its answer with this tag made. */
export function fromCallee({ fields }: Request, tag: string, parts: WithinParts): string {
  const uri = /<([^>]*)>/.exec(fields.contact)?.[1] ?? fields.contact
  return requestText({
    ...{ ...parts, uri, from: `${fields.to};tag=${tag}`, to: fields.from },
    callId: fields.callId,
  })
}
