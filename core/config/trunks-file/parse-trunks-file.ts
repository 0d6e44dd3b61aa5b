// The text of a trunks file in, trunks and numbers or everything that is wrong with it out. Pure: what its variables
// stand for, and how the file is called, is told.
import { isMap, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml'
import type { TrunkSet } from '../../contracts/index.ts'
import type { ConfigProblem } from '../config-problem.ts'
import { defineNumbers, defineTrunk } from './define-trunk.ts'
import type { Lookup } from './interpolate.ts'
import { NodeReader, type Found } from './read-node.ts'
import { contradictions, numberContradictions, type Draft } from './trunk-contradictions.ts'
import { TrunksFile } from './trunks-schema.ts'
import { yamlProblem } from './yaml-words.ts'

export interface ParsedTrunksFile {
  /** Empty when it has problems. */
  readonly set: TrunkSet
  /** `file:line: path:` and what is wrong with it, from top to bottom. */
  readonly problems: readonly ConfigProblem[]
  /** The variables it names, set or not. */
  readonly variables: readonly string[]
  /** The anchored trunks of a file that has problems: what they need can be judged all the same. */
  readonly anchored: readonly string[]
  /** What a key of a trunk is called in a problem: `file:line: trunks[name].key`. */
  readonly at: (trunk: string, key: string) => string
}

/** Whoever mends so many finds the others then. */
const MAX_PROBLEMS = 50

interface Told {
  readonly line: number
  readonly problem: ConfigProblem
}

function bounded(told: readonly Told[], file: string): readonly ConfigProblem[] {
  const problems = told.slice(0, MAX_PROBLEMS).map(({ problem }) => problem)
  const more = told.length - problems.length
  return more > 0
    ? [...problems, { name: `${file}:`, problem: `has ${more} more problems` }]
    : problems
}

const NOTHING: TrunkSet = { trunks: [], numbers: [] }
/** A file of ours has some hundred lines: this is another one. */
const MAX_LENGTH = 1_000_000

export function parseTrunksFile(text: string, file: string, lookup: Lookup): ParsedTrunksFile {
  const told: Told[] = []
  const tell = (line: number, path: string, problem: string): void => {
    const name = `${file}:${line}:${path === '' ? '' : ` ${path}:`}`
    told.push({ line, problem: { name, problem } })
  }
  const answer = (set: TrunkSet, at: ParsedTrunksFile['at'], names: Iterable<string>) => ({
    set: told.length > 0 ? NOTHING : set,
    anchored: [],
    problems: bounded(
      told.toSorted((one, other) => one.line - other.line),
      file,
    ),
    variables: [...names],
    at,
  })
  const nowhere = (trunk: string, key: string): string => `${file}: trunks[${trunk}].${key}`
  if (text.length > MAX_LENGTH) {
    tell(1, '', 'is far too long to be a trunks file')
    return answer(NOTHING, nowhere, [])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    // Else its messages quote the file.
    prettyErrors: false,
    // Less, and a second document would not be told.
    logLevel: 'error',
  })
  const wrong = slipsOf(document)
  const lineAt = ({ pos }: YAMLError): number => Math.max(1, lines.linePos(pos[0]).line)
  // One slip makes the parser stumble several times over its line: the first says what it is.
  for (const [line, error] of firstOfEach(wrong, lineAt)) tell(line, '', yamlProblem(error))
  // Of a text that is no YAML nothing more can be said that helps; one with a key too many can be read on.
  if (wrong.some(({ code }) => code !== 'DUPLICATE_KEY') || document.contents === null)
    return answer(NOTHING, nowhere, referencesIn(text))

  const lineOf = (path: string): number => {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const offset = reader.offsets.get(at)
      if (offset !== undefined) return lines.linePos(offset).line
    }
    return 1
  }
  const found: Found = (path, problem) => tell(lineOf(path), path, problem)
  const reader = new NodeReader(document, lookup, found)
  const drafted = reader.read(TrunksFile, document.contents, '') as Draft<TrunksFile> | undefined
  judgeTrunks(drafted?.trunks ?? [], found)
  judgeNumbers(drafted?.numbers ?? {}, document, found)
  const at = (trunk: string, key: string): string => {
    const path = `trunks[${trunk}].${key}`
    return `${file}:${lineOf(path)}: ${path}`
  }
  if (told.length > 0)
    return { ...answer(NOTHING, at, reader.variables), anchored: anchoredOf(drafted) }
  // Nothing was found wrong: it is whole.
  const { trunks = [], numbers } = drafted as TrunksFile
  return answer(
    {
      trunks: trunks.map((trunk) => defineTrunk(trunk, `account of ${trunk.name} in ${file}`)),
      numbers: defineNumbers(numbers),
    },
    at,
    reader.variables,
  )
}

const anchoredOf = (drafted: Draft<TrunksFile> | undefined): string[] =>
  (drafted?.trunks ?? []).flatMap((trunk) =>
    trunk?.media === 'anchored' && trunk.name !== undefined ? [trunk.name] : [],
  )

/** Where tabs indent, all else that is wrong may follow from them; and so may whatever stands behind a torn bracket. */
function slipsOf({ errors, warnings }: Document): readonly YAMLError[] {
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT')
  if (tabs.length > 0) return tabs
  const torn = errors.findIndex(({ code }) => TEARS.has(code))
  return torn < 0 ? [...errors, ...warnings] : errors.slice(0, torn + 1)
}

const TEARS: ReadonlySet<YAMLError['code']> = new Set(['UNEXPECTED_TOKEN', 'MISSING_CHAR'])

function firstOfEach<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T> {
  const first = new Map<K, T>()
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item)
  return first
}

/** `trunks[a].b` of `trunks[a].b.c` and of `trunks[a].b[0]`. */
const parentOf = (path: string): string => path.replace(/(\.[^.[\]]*|\[[^\]]*\]|^[^.[\]]*)$/, '')

function judgeTrunks(trunks: NonNullable<Draft<TrunksFile>['trunks']>, found: Found): void {
  const names = trunks.map((trunk) => trunk?.name)
  for (const [at, trunk] of trunks.entries()) {
    if (trunk === undefined) continue
    const isFirst = trunk.name !== undefined && names.indexOf(trunk.name) === at
    const path = `trunks[${isFirst ? trunk.name : at}]`
    if (trunk.name !== undefined && !isFirst)
      found(`${path}.name`, 'is the name of an earlier trunk: choose another')
    if (trunks.slice(0, at).some((other) => isSameCaller(trunk, other)))
      found(
        `${path}.inbound.account.username`,
        'is that of an earlier trunk of this domain: their callers could not be told apart',
      )
    for (const { key, problem } of contradictions(trunk)) found(`${path}.${key}`, problem)
  }
}

/** An entry is called by its place; where a key was none, places are not known. */
function judgeNumbers(
  numbers: NonNullable<Draft<TrunksFile>['numbers']>,
  document: Document,
  found: Found,
): void {
  const entries = Object.values(numbers)
  const written = document.get('numbers')
  if (!isMap(written) || written.items.length !== entries.length) return
  for (const [at, entry] of entries.entries())
    for (const { key, problem } of entry ? numberContradictions(entry) : [])
      found(`numbers[${at}].${key}`, problem)
}

type DraftTrunk = NonNullable<Draft<TrunksFile>['trunks']>[number]

/** The domain is the realm that callers answer to. */
const isSameCaller = (one: DraftTrunk, other: DraftTrunk): boolean =>
  one?.domain !== undefined &&
  one.domain === other?.domain &&
  one.inbound?.account?.username !== undefined &&
  one.inbound.account.username === other.inbound?.account?.username

/** So that .env is not blamed for what only this file needs. */
const referencesIn = (text: string): string[] =>
  [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name = '']) => name)
