// The value of an authentication header: schemes with their parameters (RFC 7235 §2.1, RFC 3261 §25.1). Never throws.

export interface AuthScheme {
  /** In lower case, as is every parameter's name. */
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Longer is no header of a real server, and not worth reading. */
const MAX_HEADER_CHARS = 8192
const MAX_SCHEMES = 16
const MAX_PARAMETERS = 32

const TOKEN = /[\w!#$%&'*+\-.^`|~]+/y
const UNQUOTED_VALUE = /[^\s,"]+/y
const SEPARATORS = /[\s,]*/y
const BLANKS = /[ \t]*/y

interface OpenScheme {
  readonly scheme: string
  readonly parameters: Map<string, string>
  malformed: boolean
}

/**
 * Several challenges may share one header value, joined by the same commas that part their parameters. What cannot be
 * read is left out, together with the scheme it belongs to.
 */
export function decodeAuthHeader(text: string): AuthScheme[] {
  if (text.length > MAX_HEADER_CHARS) return []
  const found: OpenScheme[] = []
  const cursor = new Cursor(text)
  for (;;) {
    cursor.take(SEPARATORS)
    if (cursor.isAtEnd) break
    const current = found.at(-1)
    const name = cursor.take(TOKEN).toLowerCase()
    cursor.take(BLANKS)
    if (name === '') {
      if (current) current.malformed = true
      cursor.skipElement()
    } else if (cursor.skip('=')) readParameter(cursor, name, current)
    else if (found.length === MAX_SCHEMES) break
    else found.push({ scheme: name, parameters: new Map(), malformed: false })
  }
  return found.filter(({ malformed }) => !malformed)
}

function readParameter(cursor: Cursor, name: string, owner: OpenScheme | undefined): void {
  cursor.take(BLANKS)
  const value = cursor.readValue()
  if (!owner) return
  const isRepeated = owner.parameters.has(name)
  if (value === undefined || isRepeated || owner.parameters.size === MAX_PARAMETERS)
    owner.malformed = true
  else owner.parameters.set(name, value)
}

class Cursor {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += match.length
    return match
  }

  skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  skipElement(): void {
    const comma = this.#text.indexOf(',', this.#at + 1)
    this.#at = comma === -1 ? this.#text.length : comma
  }

  /** `undefined` when it cannot be read: an open quote, or a control character that a header could be forged with. */
  readValue(): string | undefined {
    const value = this.skip('"') ? this.#readQuoted() : this.take(UNQUOTED_VALUE)
    return value === undefined || hasControl(value) ? undefined : value
  }

  #readQuoted(): string | undefined {
    let value = ''
    let from = this.#at
    for (let at = from; at < this.#text.length; at += 1) {
      const char = this.#text[at]
      if (char === '"') {
        this.#at = at + 1
        return value + this.#text.slice(from, at)
      }
      if (char === '\\') {
        value += this.#text.slice(from, at)
        at += 1
        from = at
      }
    }
    this.#at = this.#text.length
    return undefined
  }
}

export function hasControl(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at)
    if ((code < 32 && code !== 9) || code === 127) return true
  }
  return false
}

export const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`
