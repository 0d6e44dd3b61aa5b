// The parts of a multipart body, and the parameters of the headers that describe them (RFC 2046 §5.1, RFC 2045 §5.1).
// Never throws, and takes time in proportion to what it reads: it comes from strangers.

/** A message or a part of a multipart. */
export interface MimeEntity {
  /** A header's value; empty when it is absent. */
  readonly header: (name: string) => string
  readonly content: string
}

/** An SDP, some ISUP, a location: nobody needs more. */
const MAX_MULTIPART_LENGTH = 32_768
const MAX_PARTS = 8
/** RFC 2046 §5.1.1. */
const MAX_BOUNDARY_LENGTH = 70

/** Undefined when it is not well-formed (RFC 2046 §5.1.1) or larger than anybody needs. */
export function splitParts(content: string, boundary: string): MimeEntity[] | undefined {
  const { length } = boundary
  if (length === 0 || length > MAX_BOUNDARY_LENGTH || content.length > MAX_MULTIPART_LENGTH)
    return undefined
  const delimiter = `\r\n--${boundary}`
  // The first delimiter may open the body.
  const text = `\r\n${content}`
  const parts: MimeEntity[] = []
  let start: number | undefined
  let at = text.indexOf(delimiter)
  while (at !== -1 && parts.length < MAX_PARTS) {
    const rest = at + delimiter.length
    const lineEnd = text.indexOf('\r\n', rest)
    const isLast = text.startsWith('--', rest)
    const padding = text.slice(isLast ? rest + 2 : rest, lineEnd === -1 ? undefined : lineEnd)
    // Else it is a line of some content that only begins like the delimiter.
    if (padding.trim() === '') {
      if (start !== undefined) parts.push(partOf(text.slice(start, at)))
      if (isLast) return parts
      if (lineEnd === -1) return undefined
      start = lineEnd + 2
    }
    at = text.indexOf(delimiter, rest)
  }
  return undefined
}

function partOf(text: string): MimeEntity {
  // A part may begin with the empty line that ends its headers.
  const whole = `\r\n${text}`
  const end = whole.indexOf('\r\n\r\n')
  const head = end === -1 ? whole : whole.slice(0, end)
  const headers = new Map<string, string>()
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const [name = ''] = line.split(':', 1)
    const key = name.trim().toLowerCase()
    if (!headers.has(key)) headers.set(key, line.slice(name.length + 1).trim())
  }
  return {
    header: (name) => headers.get(name.toLowerCase()) ?? '',
    content: end === -1 ? '' : whole.slice(end + 4),
  }
}

/** What a header says before its parameters, in lower case. */
export const valueOf = (header: string): string =>
  header.split(';', 1)[0]?.trim().toLowerCase() ?? ''

/** `;name=token` or `;name="quoted"`, in any order; empty when it is not there. */
export function parameterOf(header: string, name: string): string {
  const parameters = header
    .slice(valueEnd(header))
    .matchAll(/;\s*([^\s;="]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*))?\s*/gy)
  for (const [, key = '', value = ''] of parameters)
    if (key.toLowerCase() === name) return unquoted(value)
  return ''
}

const valueEnd = (header: string): number => {
  const semicolon = header.indexOf(';')
  return semicolon === -1 ? header.length : semicolon
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
