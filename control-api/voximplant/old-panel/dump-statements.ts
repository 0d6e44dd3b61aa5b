// What a MySQL dump says, of its words: which columns a table has, and its rows. All other statements are passed over.
// A state machine, one method a state; it keeps the columns of tables and the row that is not over yet.
import { AppError } from '#core/errors'
import type { DumpToken } from './dump-tokens.ts'

export type DumpValue = string | null

export interface DumpListener {
  /** A table is made; or filled, without having been. */
  onTable(table: string, columns: readonly string[]): void
  /** Whether `onRow` is told of this table. */
  isWanted(table: string): boolean
  onRow(table: string, columns: readonly string[], values: readonly DumpValue[]): void
}

type Step = (token: DumpToken) => void

/** What stands where a column would, in CREATE TABLE. */
const NO_COLUMN = new Set([
  ...['PRIMARY', 'UNIQUE', 'KEY', 'INDEX', 'FULLTEXT', 'SPATIAL', 'CONSTRAINT', 'FOREIGN'],
  ...['CHECK', 'PERIOD', 'LIKE'],
])
const BEFORE_NAME = new Set(['IGNORE', 'INTO', 'LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY'])

export class DumpStatements {
  readonly #listener: DumpListener
  readonly #columnsOf = new Map<string, readonly string[]>()
  #step: Step
  #table = ''
  #columns: string[] = []
  #isWanted = false
  #depth = 0
  #values: DumpValue[] = []
  #value: DumpValue | undefined
  /** Before a literal, such as `_binary` or `x`. */
  #introducer = ''

  constructor(listener: DumpListener) {
    this.#listener = listener
    this.#step = this.#begin
  }

  readonly take = (token: DumpToken): void => {
    this.#step(token)
  }

  /** @returns whether no statement is half there */
  end(): boolean {
    return this.#step === this.#begin
  }

  readonly #begin: Step = (token) => {
    if (isSign(token, ';')) return
    const word = wordOf(token)
    this.#table = ''
    this.#columns = []
    if (word === 'INSERT' || word === 'REPLACE') this.#step = this.#into
    else this.#step = word === 'CREATE' ? this.#create : this.#skip
  }

  readonly #skip: Step = (token) => {
    if (isSign(token, ';')) this.#step = this.#begin
  }

  readonly #into: Step = (token) => {
    const word = wordOf(token)
    if (word === 'VALUES' || word === 'VALUE') this.#beginRows(this.#columnsOf.get(this.#table))
    else if (isSign(token, '(')) this.#step = this.#columnList
    else if (token.kind === 'sign' || word === 'SELECT' || word === 'SET') this.#leave(token)
    else if (!BEFORE_NAME.has(word)) this.#table = nameOf(token, this.#table)
  }

  readonly #columnList: Step = (token) => {
    if (isSign(token, ')')) this.#step = this.#behindColumns
    else if (token.kind !== 'sign') this.#columns.push(token.text)
  }

  readonly #behindColumns: Step = (token) => {
    const word = wordOf(token)
    if (word === 'VALUES' || word === 'VALUE') this.#beginRows(this.#columns)
    else this.#leave(token)
  }

  #beginRows(columns: readonly string[] | undefined): void {
    this.#isWanted = this.#listener.isWanted(this.#table)
    if (columns === undefined && this.#isWanted)
      throw unreadable(
        `it has rows of ${this.#table} and nowhere the names of their columns: make it without --no-create-info`,
      )
    this.#columns = [...(columns ?? [])]
    if (columns && !this.#columnsOf.has(this.#table)) this.#know(this.#table, columns)
    this.#step = this.#rows
  }

  readonly #rows: Step = (token) => {
    if (isSign(token, '(')) {
      this.#values = []
      this.#depth = 1
      this.#step = this.#row
    } else if (!isSign(token, ',')) this.#leave(token)
  }

  readonly #row: Step = (token) => {
    if (token.kind !== 'sign') {
      if (this.#isWanted && this.#depth === 1) this.#addValue(token)
      return
    }
    if (isSign(token, '(')) {
      this.#depth += 1
      // What stands before it was the name of a function, whose value nobody knows.
      this.#value = null
    }
    if (isSign(token, ')')) this.#depth -= 1
    if (this.#depth > 1 || !(isSign(token, ',') || isSign(token, ')'))) return
    if (this.#depth === 1 && !isSign(token, ',')) return
    if (this.#isWanted) this.#keepValue()
    this.#value = undefined
    this.#introducer = ''
    if (this.#depth === 0) this.#endRow()
  }

  /** Refuses a row as soon as it is too long: what never ends would fill the memory. */
  #keepValue(): void {
    this.#values.push(this.#value ?? null)
    if (this.#values.length > this.#columns.length) throw this.#misfit('or more values')
  }

  #endRow(): void {
    this.#step = this.#rows
    if (!this.#isWanted) return
    if (this.#values.length !== this.#columns.length) throw this.#misfit('values')
    this.#listener.onRow(this.#table, this.#columns, this.#values)
  }

  #misfit(values: string): AppError {
    const [given, wanted] = [this.#values.length, this.#columns.length]
    return unreadable(`a row of ${this.#table} has ${given} ${values} for ${wanted} columns`)
  }

  #addValue({ kind, text }: DumpToken): void {
    if (kind === 'text') {
      const literal = literalOf(this.#introducer, text)
      this.#value = (this.#value ?? '') + literal
      return
    }
    if (/^(?:_\w+|[xbn])$/i.test(text)) this.#introducer = text.toLowerCase()
    else if (/^null$/i.test(text)) this.#value = null
    else this.#value = /^0x[0-9a-f]*$/i.test(text) ? ofHex(text.slice(2)) : text
  }

  readonly #create: Step = (token) => {
    const word = wordOf(token)
    if (word === 'TABLE') this.#step = this.#tableName
    else if (word !== 'TEMPORARY') this.#leave(token)
  }

  readonly #tableName: Step = (token) => {
    if (isSign(token, '(')) {
      this.#depth = 1
      this.#step = this.#definition
    } else if (token.kind === 'sign') this.#leave(token)
    else if (!['IF', 'NOT', 'EXISTS'].includes(wordOf(token)))
      this.#table = nameOf(token, this.#table)
  }

  /** The first word of one. */
  readonly #definition: Step = (token) => {
    // With --compatible=ansi names stand in double quotes, as texts do elsewhere.
    const isBare = token.kind === 'word'
    if (token.kind !== 'sign' && !(isBare && NO_COLUMN.has(wordOf(token))))
      this.#columns.push(token.text)
    this.#step = this.#definitions
    if (token.kind === 'sign') this.#definitions(token)
  }

  readonly #definitions: Step = (token) => {
    if (isSign(token, '(')) this.#depth += 1
    if (isSign(token, ')')) this.#depth -= 1
    if (this.#depth === 1 && isSign(token, ',')) this.#step = this.#definition
    if (this.#depth > 0) return
    this.#know(this.#table, this.#columns)
    this.#step = this.#skip
  }

  #know(table: string, columns: readonly string[]): void {
    this.#columnsOf.set(table, [...columns])
    this.#listener.onTable(table, [...columns])
  }

  #leave(token: DumpToken): void {
    this.#step = this.#skip
    this.#skip(token)
  }
}

const isSign = ({ kind, text }: DumpToken, sign: string): boolean =>
  kind === 'sign' && text === sign

/** Empty of what is no bare word. */
const wordOf = ({ kind, text }: DumpToken): string => (kind === 'word' ? text.toUpperCase() : '')

/** The last part of one that names its database too; a dot alone joins what was quoted. */
const nameOf = ({ kind, text }: DumpToken, before: string): string =>
  kind === 'word' ? text.slice(text.lastIndexOf('.') + 1) || before : text

function literalOf(introducer: string, text: string): string {
  if (introducer === 'x') return ofHex(text)
  return introducer === 'b' && /^[01]{1,52}$/.test(text) ? String(Number.parseInt(text, 2)) : text
}

const ofHex = (digits: string): string => Buffer.from(digits, 'hex').toString('utf8')

const unreadable = (why: string): AppError =>
  new AppError('CONFIGURATION_INVALID', `The dump cannot be read: ${why}.`)
