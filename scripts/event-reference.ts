// The events of core/contracts/call-event.ts as data, read by the TypeScript compiler: each type, what it means, its
// fields. What REST shows of them is asked of the view itself (control-api/calls/timeline-view.ts), so neither can drift.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { epochMs, type SipMessage } from '#core/contracts'
import { viewTimeline } from '../control-api/calls/timeline-view.ts'

export interface EventField {
  /** As REST shows it; a dot before a field of a field. */
  readonly name: string
  readonly type: string
  readonly optional: boolean
  readonly meaning: string
}

export interface EventReference {
  readonly type: string
  readonly meaning: string
  readonly fields: readonly EventField[]
}

const CONTRACTS = join(import.meta.dirname, '../core/contracts')
const SOURCE = join(CONTRACTS, 'call-event.ts')
/** More are listed below the events. */
const MAX_WORDS_IN_A_CELL = 6
const HEAD = ['at', 'offset_ms', 'type']

/** What each word of a closed set means, by the comments behind the words: `'busy', // 486, 600`. */
export function readWords(file: string): readonly (readonly [word: string, meaning: string])[] {
  const path = join(CONTRACTS, file)
  const text = readFileSync(path, 'utf8')
  const found: (readonly [string, string])[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) {
      const afterComma = text[node.end] === ',' ? node.end + 1 : node.end
      const [comment] = ts.getTrailingCommentRanges(text, afterComma) ?? []
      if (comment)
        found.push([
          node.text,
          text
            .slice(comment.pos + 2, comment.end)
            .trim()
            .replace(/,$/, ''),
        ])
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2024))
  return found
}

export function readEventReference(): readonly EventReference[] {
  const program = ts.createProgram([SOURCE], {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(SOURCE)
  const data = file?.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === 'CallEventData',
  )
  if (!data) throw new Error('core/contracts/call-event.ts declares no CallEventData any more')
  return checker
    .getTypeAtLocation(data)
    .getProperties()
    .map((event) => ({
      type: event.name,
      meaning: meaningOf(event, checker),
      fields: checker
        .getTypeOfSymbol(event)
        .getProperties()
        .flatMap((field) => fieldsOf(field, checker, (sample) => shown(event.name, sample))),
    }))
}

/** What is shown of one value, under which name; undefined when it is hidden. */
type Shown = (sample: object) => readonly [name: string, value: unknown] | undefined

function shown(type: string, sample: object): readonly [string, unknown] | undefined {
  const row = { call_id: '', seq: 0, at: 0, type, data: JSON.stringify(sample) }
  const [item = {}] = viewTimeline(0, [row])
  return Object.entries(item).find(([name]) => !HEAD.includes(name))
}

function fieldsOf(field: ts.Symbol, checker: ts.TypeChecker, show: Shown): readonly EventField[] {
  const type = checker.getTypeOfSymbol(field)
  const inner = structureIn(type)
  const isNumber = somePart(type, ts.TypeFlags.NumberLike)
  const seen = show({ [field.name]: isNumber ? 1 : 'x' })
  if (!seen) return []
  const [name, value] = seen
  const own: EventField = {
    name,
    type: inner ? 'object' : typeText(type, checker, name, typeof value === 'string' && isNumber),
    optional: (field.flags & ts.SymbolFlags.Optional) !== 0,
    meaning: meaningOf(field, checker),
  }
  const showInner: Shown = (sample) => {
    const [, object] = show({ [field.name]: sample }) ?? []
    const [entry] = Object.entries(object ?? {})
    return entry && [`${name}.${entry[0]}`, entry[1]]
  }
  const within = inner?.getProperties() ?? []
  return [own, ...within.flatMap((one) => fieldsOf(one, checker, showInner))]
}

/** The fields of `sip.message`: not recorded, but put in from what is still kept of the wire. */
export function wireMessageFields(): readonly string[] {
  const text = 'SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n'
  const ends = { local: '', remote: '', text }
  const message: SipMessage = { at: epochMs(0), direction: 'received', protocol: 'udp', ...ends }
  const [item = {}] = viewTimeline(0, [], [message])
  return Object.keys(item).filter((name) => !HEAD.includes(name))
}

const meaningOf = (symbol: ts.Symbol, checker: ts.TypeChecker): string =>
  ts
    .displayPartsToString(symbol.getDocumentationComment(checker))
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/`([a-z]+[A-Z]\w*)`/g, (_all, name: string) => `\`${snakeCase(name)}\``)
    .trim()

const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const partsOf = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type])

const somePart = (type: ts.Type, flags: ts.TypeFlags): boolean =>
  partsOf(type).some((part) => (part.flags & flags) !== 0 || isBranded(part, flags))

/** `number & { readonly __unit: … }` is a number to whoever reads it. */
const isBranded = (type: ts.Type, flags: ts.TypeFlags): boolean =>
  type.isIntersection() && type.types.some((part) => (part.flags & flags) !== 0)

/** A record of fields, not a list and not a branded value. */
function structureIn(type: ts.Type): ts.Type | undefined {
  return partsOf(type).find(
    (part) =>
      (part.flags & ts.TypeFlags.Object) !== 0 &&
      part.getNumberIndexType() === undefined &&
      part.getProperties().length > 0,
  )
}

function typeText(
  type: ts.Type,
  checker: ts.TypeChecker,
  name: string,
  isShownAsTime: boolean,
): string {
  const words = partsOf(type).flatMap((part) => {
    if ((part.flags & ts.TypeFlags.Undefined) !== 0) return []
    if ((part.flags & ts.TypeFlags.Null) !== 0) return ['null']
    if (part.isStringLiteral()) return [`\`"${part.value}"\``]
    if ((part.flags & ts.TypeFlags.BooleanLike) !== 0) return ['boolean']
    if ((part.flags & ts.TypeFlags.NumberLike) !== 0 || isBranded(part, ts.TypeFlags.NumberLike))
      return [isShownAsTime ? 'time (RFC 3339)' : `number${unitOf(name)}`]
    if ((part.flags & ts.TypeFlags.StringLike) !== 0 || isBranded(part, ts.TypeFlags.StringLike))
      return ['string']
    const element = part.getNumberIndexType()
    if (element) return [`list of ${typeText(element, checker, '', false)}`]
    return [`\`${checker.typeToString(part)}\``]
  })
  if (words.length > MAX_WORDS_IN_A_CELL) return 'one of the words below'
  // The compiler has no order of its own; null comes last, as one says it.
  const isNull = (word: string): number => Number(word === 'null')
  return [...new Set(words)]
    .sort((a, b) => isNull(a) - isNull(b) || a.localeCompare(b, 'en'))
    .join(' or ')
}

function unitOf(name: string): string {
  if (/_ms$/.test(name)) return ' of milliseconds'
  if (/seconds$/.test(name)) return ' of seconds'
  if (/bytes$/.test(name)) return ' of bytes'
  return ''
}
