// Headers that stand in a message once for each value: credentials and challenges may not be joined by commas
// (RFC 3261 §7.3.1), and drachtio-srf takes one text for each name.

export type HeaderLine = readonly [name: string, value: string]

export function repeatedHeaders(lines: readonly HeaderLine[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of lines) {
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}\r\n${name}: ${value}`
  }
  return headers
}
