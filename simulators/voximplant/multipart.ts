// multipart/form-data (RFC 7578), its fields alone: what the vendor's own client sends.

const BLANK_LINE = '\r\n\r\n'

/** Nothing, if it is not one. */
export function multipartFields(body: Buffer, contentType: string): [string, string][] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return []
  const parts = body.toString('latin1').split(`--${boundary}`)
  // Before the first boundary and after the last there is nothing of a form.
  return parts.slice(1, -1).flatMap((part) => {
    const end = part.indexOf(BLANK_LINE)
    const name = /name="([^"]*)"/i.exec(part.slice(0, end))?.[1]
    if (end < 0 || name === undefined) return []
    const bytes = part.slice(end + BLANK_LINE.length).replace(/\r\n$/, '')
    return [[name, Buffer.from(bytes, 'latin1').toString('utf8')]]
  })
}
