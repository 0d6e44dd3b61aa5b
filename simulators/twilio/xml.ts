// XML as far as TwiML needs it (W3C XML 1.0 without DTD and namespaces), and strict about that much: what a parser of
// Twilio's would refuse is refused here.

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly (XmlElement | string)[]
}

class XmlError extends Error {}

const NAME = /[A-Za-z_:][\w:.-]*/y
const SPACE = /\s*/y
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

interface OpenElement {
  readonly name: string
  readonly attributes: Record<string, string>
  readonly children: (XmlElement | string)[]
}

/** @throws XmlError */
export function parseXml(text: string): XmlElement {
  return new XmlReader(text.replace(/^\uFEFF/, '')).read()
}

export const isElement = (child: XmlElement | string): child is XmlElement =>
  typeof child !== 'string'

/** All text in it, of its children too. */
export const textOf = (element: XmlElement): string =>
  element.children.map((child) => (isElement(child) ? textOf(child) : child)).join('')

class XmlReader {
  readonly #text: string
  readonly #open: OpenElement[] = []
  #at = 0
  #root: XmlElement | undefined

  constructor(text: string) {
    this.#text = text
  }

  read(): XmlElement {
    if (this.#text.startsWith('<?xml')) this.#skipPast('?>')
    while (this.#at < this.#text.length) this.#next()
    const unclosed = this.#open.at(-1)
    if (unclosed) throw new XmlError(`<${unclosed.name}> is not closed`)
    if (this.#root === undefined) throw new XmlError('there is no element')
    return this.#root
  }

  #next(): void {
    if (this.#takes('<!--')) this.#skipPast('-->')
    else if (this.#takes('<![CDATA[')) this.#addText(this.#skipPast(']]>'))
    else if (this.#takes('<?')) this.#skipPast('?>')
    else if (this.#takes('<!')) throw new XmlError('a document type has no place here')
    else if (this.#takes('</')) this.#close()
    else if (this.#takes('<')) this.#openElement()
    else this.#readText()
  }

  #readText(): void {
    const end = this.#text.indexOf('<', this.#at)
    const raw = this.#text.slice(this.#at, end === -1 ? undefined : end)
    this.#at += raw.length
    this.#addText(unescaped(raw))
  }

  #addText(text: string): void {
    const parent = this.#open.at(-1)
    if (parent) parent.children.push(text)
    else if (text.trim() !== '') throw new XmlError('there is text outside of the root element')
  }

  #openElement(): void {
    const name = this.#match(NAME)
    const attributes = this.#attributes()
    const isEmpty = this.#takes('/>')
    if (!isEmpty && !this.#takes('>')) throw new XmlError(`<${name}> is malformed`)
    if (this.#root !== undefined) throw new XmlError('there is a second root element')
    const element: OpenElement = { name, attributes, children: [] }
    if (isEmpty) this.#finish(element)
    else this.#open.push(element)
  }

  #attributes(): Record<string, string> {
    const attributes: Record<string, string> = {}
    for (;;) {
      const space = this.#match(SPACE)
      NAME.lastIndex = this.#at
      if (!NAME.test(this.#text)) return attributes
      if (space === '') throw new XmlError('attributes are not separated')
      const name = this.#match(NAME)
      this.#match(SPACE)
      if (!this.#takes('=')) throw new XmlError(`attribute ${name} has no value`)
      this.#match(SPACE)
      const quote = this.#text[this.#at]
      if (quote !== '"' && quote !== "'") throw new XmlError(`attribute ${name} has no quotes`)
      this.#at += 1
      const value = this.#skipPast(quote)
      if (value.includes('<')) throw new XmlError(`attribute ${name} has a < in it`)
      if (Object.hasOwn(attributes, name)) throw new XmlError(`attribute ${name} comes twice`)
      attributes[name] = unescaped(value)
    }
  }

  #close(): void {
    const name = this.#match(NAME)
    this.#match(SPACE)
    const element = this.#open.pop()
    if (!this.#takes('>') || element?.name !== name) throw new XmlError(`</${name}> closes nothing`)
    this.#finish(element)
  }

  #finish(element: XmlElement): void {
    const parent = this.#open.at(-1)
    if (parent) parent.children.push(element)
    else this.#root = element
  }

  #takes(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found === undefined) throw new XmlError(`unexpected text at ${this.#at}`)
    this.#at += found.length
    return found
  }

  /** What stood before it. */
  #skipPast(token: string): string {
    const end = this.#text.indexOf(token, this.#at)
    if (end === -1) throw new XmlError(`${token} is missing`)
    const before = this.#text.slice(this.#at, end)
    this.#at = end + token.length
    return before
  }
}

function unescaped(raw: string): string {
  return raw.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    if (!whole.endsWith(';')) throw new XmlError('a & is not escaped')
    const code = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name)
    const number = code ? Number.parseInt(code[1] ?? code[2] ?? '', code[1] ? 16 : 10) : NaN
    const known = code ? codePoint(number) : ENTITIES[name]
    if (known === undefined) throw new XmlError(`&${name}; is unknown`)
    return known
  })
}

const codePoint = (number: number): string | undefined =>
  number <= 0x10ffff ? String.fromCodePoint(number) : undefined
