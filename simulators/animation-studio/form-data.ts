// multipart/form-data (RFC 7578): the whole body is here already, so that its parts are found by their boundary.
import type { StudioRequest } from './studio-request.ts'

export interface FormFile {
  readonly name: string
  /** As it was declared. */
  readonly type: string
  readonly bytes: Buffer
}

export interface Form {
  readonly files: ReadonlyMap<string, FormFile>
  readonly fields: ReadonlyMap<string, string>
}

const LINE = Buffer.from('\r\n')
const BLANK_LINE = Buffer.from('\r\n\r\n')
const END = '--'
const MOST_PARTS = 100

/** Undefined: it is no form, or a broken one. */
export function formOf({ headers, body }: StudioRequest): Form | undefined {
  const type = headers['content-type'] ?? ''
  const [, quoted, bare] =
    /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type) ?? []
  const boundary = quoted ?? bare
  const parts = boundary === undefined ? undefined : partsOf(body, boundary)
  if (parts === undefined) return undefined
  const files = new Map<string, FormFile>()
  const fields = new Map<string, string>()
  for (const { head, bytes } of parts) {
    const key = nameIn(head, 'name')
    if (key === undefined) return undefined
    const name = nameIn(head, 'filename')
    if (name === undefined) fields.set(key, bytes.toString('utf8'))
    else files.set(key, { name, type: /^content-type: *(\S+)/im.exec(head)?.[1] ?? '', bytes })
  }
  return { files, fields }
}

interface Part {
  readonly head: string
  readonly bytes: Buffer
}

function partsOf(body: Buffer, boundary: string): Part[] | undefined {
  // The first boundary has no line before it, unless there is a preamble.
  const whole = Buffer.concat([LINE, body])
  const mark = Buffer.from(`\r\n--${boundary}`)
  const parts: Part[] = []
  let at = whole.indexOf(mark)
  while (at !== -1 && parts.length <= MOST_PARTS) {
    const start = at + mark.length
    if (whole.toString('latin1', start, start + END.length) === END) return parts
    const next = whole.indexOf(mark, start)
    const blank = whole.indexOf(BLANK_LINE, start)
    if (next === -1 || blank === -1 || blank > next) return undefined
    const head = whole.toString('utf8', start + LINE.length, blank)
    parts.push({ head, bytes: whole.subarray(Math.min(blank + BLANK_LINE.length, next), next) })
    at = next
  }
  return undefined
}

/** Of Content-Disposition. */
const nameIn = (head: string, name: 'name' | 'filename'): string | undefined =>
  new RegExp(`^content-disposition: *form-data;.*[; ]${name}="([^"]*)"`, 'im').exec(head)?.[1]
