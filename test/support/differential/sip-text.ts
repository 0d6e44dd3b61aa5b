// SIP messages as a test writes and reads them: no parser of ours, which may share a mistake with the server.

export interface SipText {
  /** `INVITE` or `200 INVITE`. */
  readonly what: string
  readonly startLine: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export function readSipText(text: string): SipText {
  const end = text.indexOf('\r\n\r\n')
  const [startLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const
  })
  const method = valueIn(headers, 'CSeq').split(' ')[1] ?? ''
  const status = /^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1]
  const what = status === undefined ? (startLine.split(' ')[0] ?? '') : `${status} ${method}`
  return { what, startLine, headers, body: text.slice(end + 4) }
}

/** The first of that name; '' when there is none. */
export const headerOf = ({ headers }: SipText, name: string): string => valueIn(headers, name)

export const headersOf = ({ headers }: SipText, name: string): string[] =>
  headers.filter(([each]) => isSame(each, name)).map(([, value]) => value)

export const tagIn = (value: string): string => /;\s*tag=([^;>\s]+)/i.exec(value)?.[1] ?? ''

/** The URI between brackets, or the bare one. */
export const uriIn = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]!

export function writeSipText(
  startLine: string,
  headers: readonly (readonly [string, string])[],
  body: string,
): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return [startLine, ...lines, length, '', body].join('\r\n')
}

function valueIn(headers: SipText['headers'], name: string): string {
  return headers.find(([each]) => isSame(each, name))?.[1] ?? ''
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
