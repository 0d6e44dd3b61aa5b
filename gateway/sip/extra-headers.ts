// The headers of an INVITE that carriers and exchanges address to whoever answers: `X-…`, and User-to-User (RFC 7433).
const MAX_HEADERS = 20
const MAX_NAME_CHARACTERS = 64
const MAX_VALUE_CHARACTERS = 256
/** Between our SIP server and us alone. */
const OURS = 'x-voicegate-'
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]+/gu

/** Names in lower case; what is too many or too long is left out or cut. */
export function extraHeadersIn(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const extra: Record<string, string> = {}
  let count = 0
  for (const [written, value] of Object.entries(headers)) {
    const name = written.toLowerCase()
    if (!isExtra(name) || Object.hasOwn(extra, name)) continue
    if ((count += 1) > MAX_HEADERS) break
    extra[name] = plain(value)
  }
  return extra
}

const isExtra = (name: string): boolean =>
  name.length <= MAX_NAME_CHARACTERS &&
  ((name.startsWith('x-') && !name.startsWith(OURS)) || name === 'user-to-user')

/** A character that was cut in two becomes U+FFFD. */
const plain = (value: string): string =>
  value.replace(UNPRINTABLE, ' ').trim().slice(0, MAX_VALUE_CHARACTERS).toWellFormed()
