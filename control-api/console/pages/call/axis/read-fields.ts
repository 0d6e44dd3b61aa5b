// All fields of what is chosen, flat and in readable form: lengths, sizes, moments, words for yes and no.
import type { Entry } from './entry.ts'
import { clockText } from './ruler-ticks.ts'
import { statusWords } from './sip-marks.ts'

export interface ReadField {
  /** As the API names it; of an object within: both names with `_` between. */
  readonly name: string
  readonly value: string
}

export interface FieldWords {
  readonly yes: string
  readonly no: string
  readonly none: string
  /** How lengths, sizes and moments are written for the reader (words/amounts.ts). */
  readonly amounts: Amounts
}

interface Amounts {
  readonly duration: (seconds: number) => string
  readonly moment: (at: string) => string
  readonly number: (value: number, digits: number) => string
  readonly bytes: (value: number) => string
}

/** Said above them already. */
const IN_HEAD: ReadonlySet<string> = new Set(['at', 'offset_ms', 'type'])

/** One list for each thing that it was made of. */
export function readEntry(entry: Entry, words: FieldWords): readonly (readonly ReadField[])[] {
  const { turn, silence, items } = entry
  const sources: readonly object[] = [
    ...(turn ? [turn] : []),
    ...(silence ? [silence] : []),
    ...items,
  ]
  return sources.map((source) => readFields(source, words))
}

export function readFields(source: object, words: FieldWords, within = ''): readonly ReadField[] {
  return Object.entries(source).flatMap(([key, value]: [string, unknown]): readonly ReadField[] => {
    if (within === '' && IN_HEAD.has(key)) return []
    const name = within === '' ? key : `${within}_${key}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return readFields(value, words, name)
    return [{ name, value: readValue(key, value, words) }]
  })
}

/** Where on the axis, rather than for how long. */
const OFFSETS: ReadonlySet<string> = new Set(['from_ms', 'to_ms'])

export function readValue(key: string, value: unknown, words: FieldWords): string {
  if (value === null || value === undefined || value === '') return words.none
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (typeof value === 'number') return readNumber(key, value, words.amounts)
  if (typeof value === 'string') return key.endsWith('_at') ? words.amounts.moment(value) : value
  return JSON.stringify(value)
}

function readNumber(key: string, value: number, amounts: Amounts): string {
  const { duration, bytes, number } = amounts
  if (OFFSETS.has(key)) return clockText(value)
  if (key.endsWith('_ms')) return duration(value / 1000)
  if (key === 'seconds' || key.endsWith('_seconds')) return duration(value)
  if (key === 'bytes') return bytes(value)
  if (key === 'sip_status') return statusWords(value)
  return number(value, 2)
}
