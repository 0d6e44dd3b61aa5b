// Reads a YAML tree by a JSON schema: the value where it is right, and every place where it is not. What is wrong is left
// out of the value, so that what can be judged of the rest still is.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { nearestName } from '../nearest-name.ts'
import { interpolate, type Lookup } from './interpolate.ts'
import { TEXT_FORMATS, type TextFormat } from './text-formats.ts'

/** What of JSON Schema the definition uses, and `keyFormat`: the format of a record's keys. */
export interface Shape {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Shape[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[] | undefined
  readonly patternProperties?: Readonly<Record<string, Shape>>
  readonly keyFormat?: TextFormat
  readonly items?: Shape
  readonly uniqueItems?: boolean
  readonly minItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly format?: TextFormat
  readonly errorMessage?: string
  readonly description?: string
}

/** `path` as in `trunks[exolve].account.password`; empty for the file. */
export type Found = (path: string, problem: string) => void

/** Keys that could be expected, and what says the same. */
const MEANT: Readonly<Record<string, string>> = {
  ivr: 'is no key: write answer_with: order-ivr, or order-ivr-then-agent',
}
const LABEL = /^[a-z0-9-]{1,32}$/
/** A key that may be repeated: it is no number, and hardly a secret. */
const KEY = /^[A-Za-z_]{1,24}$/

export class NodeReader {
  /** Where each path begins. */
  readonly offsets = new Map<string, number>()
  /** The variables that were asked for, set or not. */
  readonly variables = new Set<string>()
  readonly #document: Document
  readonly #lookup: Lookup
  readonly #found: Found

  constructor(document: Document, lookup: Lookup, found: Found) {
    this.#document = document
    this.#lookup = lookup
    this.#found = found
  }

  /** Undefined when it is not right; then it was told why. */
  read(shape: Shape, given: unknown, path: string): unknown {
    const node = isAlias(given) ? given.resolve(this.#document) : given
    this.#remember(path, given)
    if (node === undefined && given !== undefined)
      return this.#wrong(path, 'refers to an anchor that is not there; in quotes * is a character')
    if (node === undefined || node === null || (isScalar(node) && node.value === null))
      return this.#wrong(path, 'is empty: write a value, or take the key out')
    if (shape.anyOf) return this.#readChoice(shape, shape.anyOf, node, path)
    if (shape.type === 'array') return this.#readList(shape, node, path)
    if (shape.type === 'object') return this.#readGroup(shape, node, path)
    return isScalar(node)
      ? this.#readScalar(shape, node, path)
      : this.#wrong(path, shape.errorMessage ?? 'must be one value, no list and no group of keys')
  }

  #remember(path: string, given: unknown): void {
    const offset = (given as Partial<Node> | null | undefined)?.range?.[0]
    if (offset !== undefined && !this.offsets.has(path)) this.offsets.set(path, offset)
  }

  /** What stands there counts as missing. */
  #wrong(path: string, problem: string): unknown {
    this.#found(path, problem)
    return undefined
  }

  /** A group, or a single word. */
  #readChoice(whole: Shape, choices: readonly Shape[], node: unknown, path: string): unknown {
    const isGroup = isMap(node)
    const chosen = choices.find(({ type }) => (type === 'object') === isGroup)
    if (chosen === undefined || (!isGroup && !isScalar(node)))
      return this.#wrong(path, whole.errorMessage ?? 'is of another kind than is expected')
    const { errorMessage } = whole
    const told = isGroup || errorMessage === undefined ? chosen : { ...chosen, errorMessage }
    return this.read(told, node, path)
  }

  #readList(
    { items = {}, minItems = 0, uniqueItems }: Shape,
    node: unknown,
    path: string,
  ): unknown {
    if (!isSeq(node)) return this.#wrong(path, 'must be a list: a line that begins with - for each')
    if (node.items.length < minItems)
      return this.#wrong(path, 'is an empty list: it needs an entry')
    const labels = this.#labels(node.items)
    const values: unknown[] = []
    for (const [at, item] of node.items.entries()) {
      const itemPath = `${path}[${labels[at] ?? at}]`
      const value = this.read(items, item, itemPath)
      if (uniqueItems === true && value !== undefined && values.includes(value))
        this.#found(itemPath, 'stands in this list already: take one of the two out')
      values.push(value)
    }
    return values
  }

  /** Entries are called by their names; a second of one name by its place. */
  #labels(items: readonly unknown[]): readonly (string | undefined)[] {
    const names = items.map((item) => {
      const name = isMap(item) ? item.get('name') : undefined
      return typeof name === 'string' && LABEL.test(name) ? name : undefined
    })
    return names.map((name, at) => (names.indexOf(name) === at ? name : undefined))
  }

  #readGroup(shape: Shape, node: unknown, path: string): unknown {
    if (!isMap(node)) return this.#wrong(path, shape.errorMessage ?? noGroup(shape))
    const [record] = Object.values(shape.patternProperties ?? {})
    if (record) return this.#readRecord(record, shape.keyFormat, node, path)
    const { properties = {}, required = [], minProperties = 0, maxProperties = Infinity } = shape
    const value: Record<string, unknown> = {}
    let unknown = 0
    for (const [at, { key, value: given }] of node.items.entries()) {
      const name = isScalar(key) ? String(key.value) : ''
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined
      const own = KEY.test(name) ? under(path, name) : `${path}[${at}]`
      this.#remember(own, key)
      if (property) value[name] = this.read(property, given, own)
      else {
        unknown += 1
        this.#found(own, unknownKey(name, properties))
      }
    }
    for (const name of required)
      if (!Object.hasOwn(value, name)) this.#found(under(path, name), missing(properties[name]))
    const size = Object.keys(value).length
    // Whatever else was meant, it is told of already.
    if (unknown === 0 && (size < minProperties || size > maxProperties))
      return this.#wrong(path, shape.errorMessage ?? 'must have at least one key')
    return value
  }

  /** Its keys are personal: an entry is called by its place. */
  #readRecord(
    shape: Shape,
    keyFormat: TextFormat | undefined,
    node: YAMLMap,
    path: string,
  ): Record<string, unknown> {
    const record: Record<string, unknown> = {}
    const written = new Set<unknown>()
    for (const [at, { key, value }] of node.items.entries()) {
      const own = `${path}[${at}]`
      this.#remember(own, key)
      const name = this.read({ ...(keyFormat && { format: keyFormat }) }, key, own)
      const read = this.read(shape, value, own)
      if (typeof name !== 'string') continue
      const source = isScalar(key) ? key.value : name
      // One that is written the same way is told of by the parser.
      if (Object.hasOwn(record, name) && !written.has(source))
        this.#found(own, 'is a number that stands there already: take one of the two out')
      written.add(source)
      record[name] = read
    }
    return record
  }

  #readScalar(shape: Shape, node: Scalar, path: string): unknown {
    const isQuoted = node.type !== 'PLAIN'
    // As it was written: +49… and 0049… are whole numbers to YAML.
    const written = isQuoted ? String(node.value) : (node.source ?? String(node.value))
    const { text, names, problems } = interpolate(written, this.#lookup)
    for (const name of names) this.variables.add(name)
    for (const problem of problems) this.#found(path, problem)
    if (text === undefined) return undefined
    // What the environment says has no quotes.
    const isText = isQuoted && names.length === 0
    if (shape.enum) return this.#readWord(shape, shape.enum, { text, isText }, path)
    if (shape.type === 'boolean') return this.#readTruth(shape, isText ? '' : text, path)
    if (shape.type === 'integer') return this.#readInteger(shape, isText ? '' : text, path)
    return this.#readText(shape, text, path)
  }

  #readText({ format, pattern, errorMessage }: Shape, text: string, path: string): unknown {
    if (format !== undefined) {
      const parsed = TEXT_FORMATS[format](text)
      return 'value' in parsed ? parsed.value : this.#wrong(path, parsed.problem)
    }
    return pattern === undefined || new RegExp(pattern).test(text)
      ? text
      : this.#wrong(path, errorMessage ?? 'is not written as it must be')
  }

  #readWord(
    shape: Shape,
    words: readonly unknown[],
    { text, isText }: { readonly text: string; readonly isText: boolean },
    path: string,
  ): unknown {
    // A whole number in quotes is another thing.
    const word = words.find((each) => (isText ? each === text : String(each) === text))
    if (word !== undefined) return word
    const meant = nearestName(
      text,
      words
        .filter((each) => typeof each === 'string')
        .filter((each) => digitsOf(each) === digitsOf(text)),
    )
    const question = meant === undefined ? '' : `; did you mean ${meant}?`
    const all = `must be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}`
    return this.#wrong(path, (shape.errorMessage ?? all) + question)
  }

  #readTruth({ errorMessage }: Shape, text: string, path: string): unknown {
    if (text === 'true' || text === 'false') return text === 'true'
    return this.#wrong(path, errorMessage ?? 'must be true or false, without quotes')
  }

  #readInteger({ minimum = 0, maximum = Infinity }: Shape, text: string, path: string): unknown {
    const number = Number(text)
    if (/^\d{1,15}$/.test(text) && number >= minimum && number <= maximum) return number
    return this.#wrong(path, `must be a whole number from ${minimum} to ${maximum}, without quotes`)
  }
}

/** G729 is not G722 mistyped. */
const digitsOf = (word: string): string => word.replaceAll(/\D/g, '')

const under = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

const missing = (property: Shape | undefined): string =>
  `is missing: add it${property?.description === undefined ? '' : `. ${property.description}`}`

const noGroup = ({ properties = {} }: Shape): string => {
  const keys = Object.keys(properties).join(', ')
  return `must be a group of keys, each with a value${keys === '' ? '' : `: ${keys}`}`
}

function unknownKey(name: string, properties: NonNullable<Shape['properties']>): string {
  const told = Object.hasOwn(MEANT, name) ? MEANT[name] : undefined
  if (told !== undefined) return told
  const known = Object.keys(properties)
  const home = known.find((key) => Object.hasOwn(insideOf(properties[key]), name))
  if (home !== undefined)
    return `is no key that can stand here: it belongs to ${home}, indented below it`
  const meant = nearestName(name, known)
  return meant === undefined
    ? `is no key that can stand here; there are ${known.join(', ')}`
    : `is no key that can stand here; did you mean ${meant}?`
}

const insideOf = (shape: Shape = {}): Readonly<Record<string, Shape>> =>
  shape.properties ?? shape.items?.properties ?? {}
