// The words of a MySQL dump, as text comes in: names, literals, signs; comments are left out, those with code for newer
// servers too (https://dev.mysql.com/doc/refman/8.4/en/string-literals.html and …/comments.html). Nothing is kept but the
// word that is not over yet.
import { AppError } from '#core/errors'

export interface DumpToken {
  /** `word`: bare, such as `INSERT`, `NULL`, `-1.5`, `0x41`; `name`: in backquotes; `text`: a literal, decoded. */
  readonly kind: 'word' | 'name' | 'text' | 'sign'
  readonly text: string
}

/** MySQL takes no longer statement than 1 GiB, and mysqldump asks for no more than 24 MiB unless told. */
const MOST_CHARS = 64 * 1024 * 1024

const SPACE = /\s+/y
/** A dot joins names, and stands in numbers. */
const WORD = /[^\s'"`(),;=/*#]+/y
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1A',
  // For patterns: elsewhere they mean themselves, with the backslash.
  '%': '\\%',
  _: '\\_',
}

type Quote = "'" | '"' | '`'

type Place =
  | { readonly at: 'between' | 'word' | 'line-comment' | 'block-comment' }
  | { readonly at: 'quoted'; readonly quote: Quote }
  /** Behind a quote: the end of the literal, unless another one follows. */
  | { readonly at: 'quote'; readonly quote: Quote }

export class DumpTokens {
  readonly #emit: (token: DumpToken) => void
  #place: Place = { at: 'between' }
  /** Of the token that is not over. */
  #text = ''
  #input = ''
  #next = 0
  #isLast = false

  constructor(emit: (token: DumpToken) => void) {
    this.#emit = emit
  }

  push(text: string): void {
    this.#input = this.#next < this.#input.length ? this.#input.slice(this.#next) + text : text
    this.#next = 0
    while (this.#next < this.#input.length && this.#step());
  }

  /** @returns whether the text ended where a dump may */
  end(): boolean {
    this.#isLast = true
    this.push('')
    if (this.#place.at === 'word' || this.#place.at === 'quote') this.#finish()
    return this.#place.at === 'between' || this.#place.at === 'line-comment'
  }

  /** False: what is here cannot be told without what follows. */
  #step(): boolean {
    switch (this.#place.at) {
      case 'between':
        return this.#between()
      case 'word':
        return this.#word()
      case 'quoted':
        return this.#quoted(this.#place.quote)
      case 'quote':
        return this.#behindQuote(this.#place.quote)
      case 'line-comment':
        return this.#skipTo('\n')
      case 'block-comment':
        return this.#skipTo('*/')
      default:
        return this.#place satisfies never
    }
  }

  #between(): boolean {
    SPACE.lastIndex = this.#next
    if (SPACE.test(this.#input)) {
      this.#next = SPACE.lastIndex
      return true
    }
    const sign = this.#input.charAt(this.#next)
    switch (sign) {
      case "'":
      case '"':
      case '`':
        return this.#go({ at: 'quoted', quote: sign }, 1)
      case '#':
        return this.#go({ at: 'line-comment' }, 1)
      case '-':
      case '/':
        return this.#commentOr(sign)
      case '(':
      case ')':
      case ',':
      case ';':
      case '=':
      case '*':
        this.#next += 1
        this.#emit({ kind: 'sign', text: sign })
        return true
      default:
        return this.#go({ at: 'word' }, 0)
    }
  }

  /** `--` is a comment before a space alone: two signs may stand in a number. */
  #commentOr(sign: '-' | '/'): boolean {
    const [ahead, needed] = sign === '-' ? [/--(?:\s|$)/y, 3] : [/\/\*/y, 2]
    if (this.#input.length - this.#next < needed && !this.#isLast) return false
    ahead.lastIndex = this.#next
    if (ahead.test(this.#input))
      return this.#go({ at: sign === '-' ? 'line-comment' : 'block-comment' }, 2)
    if (sign === '-') return this.#go({ at: 'word' }, 0)
    this.#next += 1
    this.#emit({ kind: 'sign', text: sign })
    return true
  }

  #word(): boolean {
    WORD.lastIndex = this.#next
    const found = WORD.exec(this.#input)?.[0] ?? ''
    this.#add(found)
    this.#next += found.length
    if (this.#next < this.#input.length) this.#finish()
    return true
  }

  #quoted(quote: Quote): boolean {
    const end = endOfPiece(this.#input, this.#next, quote)
    this.#add(this.#input.slice(this.#next, end))
    this.#next = end
    if (end === this.#input.length) return true
    if (this.#input.charAt(end) === quote) return this.#go({ at: 'quote', quote }, 1)
    const escaped = this.#input.charAt(end + 1)
    if (escaped === '') return false
    this.#add(ESCAPES[escaped] ?? escaped)
    this.#next += 2
    return true
  }

  #behindQuote(quote: Quote): boolean {
    if (this.#input.charAt(this.#next) === quote) {
      this.#add(quote)
      return this.#go({ at: 'quoted', quote }, 1)
    }
    this.#finish()
    return true
  }

  #finish(): void {
    const place = this.#place
    const text = this.#text
    this.#text = ''
    this.#place = { at: 'between' }
    if (place.at === 'word') this.#emit({ kind: 'word', text })
    if (place.at === 'quote') this.#emit({ kind: place.quote === '`' ? 'name' : 'text', text })
  }

  #skipTo(end: '\n' | '*/'): boolean {
    const found = this.#input.indexOf(end, this.#next)
    if (found !== -1) return this.#go({ at: 'between' }, found + end.length - this.#next)
    // The end itself may be cut in two.
    this.#next = Math.max(this.#next, this.#input.length - end.length + 1)
    return false
  }

  #add(text: string): void {
    this.#text += text
    if (this.#text.length > MOST_CHARS)
      throw new AppError(
        'CONFIGURATION_INVALID',
        'The dump has a value that is too long to be one.',
      )
  }

  #go(place: Place, by: number): true {
    this.#place = place
    this.#next += by
    return true
  }
}

/** Where the quote or the next backslash stands; the end of the text when neither does. */
function endOfPiece(text: string, from: number, quote: Quote): number {
  const stop = STOPS[quote]
  stop.lastIndex = from
  return stop.exec(text)?.index ?? text.length
}

/** Names have no escapes. */
const STOPS: Readonly<Record<Quote, RegExp>> = { "'": /['\\]/g, '"': /["\\]/g, '`': /`/g }
