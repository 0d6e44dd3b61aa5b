// SIP messages as a party reads them: strictly, and with nothing of the server under test.

export type Message = Response | Request | KeepAlive | Broken

export interface Response {
  readonly kind: 'response'
  readonly status: number
  readonly fields: Fields
}

export interface Request {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly fields: Fields
}

/** CRLFs alone (RFC 5626 §3.5.1): no answer is due over UDP. */
export interface KeepAlive {
  readonly kind: 'keep-alive'
}

export interface Broken {
  readonly kind: 'broken'
  readonly why: string
}

export interface Fields {
  readonly vias: readonly string[]
  readonly branch: string
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly cseq: string
  readonly seq: number
  readonly method: string
  readonly contact: string
  /** Empty where there is none. */
  readonly retryAfter: string
  readonly body: string
}

export function readMessage(bytes: Buffer): Message {
  const text = bytes.toString('latin1')
  if (/^[\r\n]*$/.test(text)) return { kind: 'keep-alive' }
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return broken('no empty line')
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const isRefusal = /^SIP\/2\.0 [45]/.test(start)
  // A NUL may stand escaped between quotes (RFC 4475 §3.1.1.2); a bare LF would be a line of its own.
  if ((isRefusal ? /\n/ : /[\r\n]/).test(text.slice(0, end).replaceAll('\r\n', '')))
    return broken('a bare CR or LF in the headers')
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (colon < 1 || !/^[a-z0-9\-.!%*_+`'~]+$/.test(name)) return broken('a line that is no header')
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  const fields = fieldsOf(headers, text.slice(end + 4), isRefusal)
  return typeof fields === 'string' ? broken(fields) : begin(start, fields)
}

const broken = (why: string): Broken => ({ kind: 'broken', why })

/** `isRefusal`: a 400 gives back what the request had, and that may be nothing (RFC 4475 §3.3.1). */
function fieldsOf(
  headers: ReadonlyMap<string, readonly string[]>,
  body: string,
  isRefusal: boolean,
): Fields | string {
  for (const name of ['from', 'to', 'call-id', 'cseq', 'content-length']) {
    const count = headers.get(name)?.length ?? 0
    if (count > 1 || (count === 0 && !isRefusal)) return `${count} ${name}`
  }
  const first = (name: string): string => headers.get(name)?.[0] ?? ''
  const vias = headers.get('via') ?? []
  if (vias.length === 0) return 'no Via'
  if (first('content-length') !== String(body.length)) return 'a Content-Length that is not true'
  const cseq = /^(\d{1,10})\s+(\S+)$/.exec(first('cseq'))
  if (cseq === null && !isRefusal) return 'an unreadable CSeq'
  return {
    ...{ vias, body, from: first('from'), to: first('to'), callId: first('call-id') },
    branch: /;\s*branch\s*=\s*([^;,\s]+)/i.exec(vias[0] ?? '')?.[1] ?? '',
    cseq: first('cseq'),
    seq: Number(cseq?.[1]),
    method: cseq?.[2] ?? '',
    contact: first('contact'),
    retryAfter: first('retry-after'),
  }
}

function begin(start: string, fields: Fields): Message {
  const response = /^SIP\/2\.0 ([1-6]\d\d) .*$/.exec(start)
  if (response) return { kind: 'response', status: Number(response[1]), fields }
  const request = /^(\S+) (\S+) SIP\/2\.0$/.exec(start)
  if (!request) return broken('an unreadable start line')
  const [, method = '', uri = ''] = request
  if (method !== fields.method) return broken('a method that CSeq does not say')
  return { kind: 'request', method, uri, fields }
}
