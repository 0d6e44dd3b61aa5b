// What the old assistant (Flask, SQLAlchemy) wrote in its columns, in our words: statuses in Russian, German or English,
// times, yes and no.
import type { FlowStep, ReviewStatus } from '#core/contracts'
import type { FlowAnswerWord, OrderStatus } from '../../ivr/flow-state.ts'

/** As SQLite gives it. */
export type OldValue = unknown

/** The beginning of a word says which it is: `Обработан`, `Обработано`; `processing`, `in Bearbeitung`. */
const REVIEWS: readonly (readonly [RegExp, ReviewStatus])[] = [
  [
    /^(в обработке|нов|processing|in.?progress|new|pending|open|in bearbeitung|neu|offen)/,
    'processing',
  ],
  [/^(обработан|processed|handled|bearbeitet|verarbeitet)/, 'processed'],
  [/^(заверш|выполн|completed?|done|finished|closed|abgeschlossen|erledigt|beendet)/, 'completed'],
  [/^(проблем|ошибк|problem|error|failed|fehler)/, 'problem'],
]

const ORDERS: readonly (readonly [RegExp, OrderStatus])[] = [
  [/^(подтвержд|нов|confirmed|new|pending|bestätigt|neu)/, 'confirmed'],
  [/^(в обработке|в работе|processing|in.?progress|open|in bearbeitung|offen)/, 'in_progress'],
  // Of an order they say that it was dealt with.
  [/^(обработан|processed|handled|bearbeitet|verarbeitet)/, 'completed'],
  [/^(заверш|выполн|доставл|completed?|done|finished|delivered|closed)/, 'completed'],
  [/^(abgeschlossen|erledigt|geliefert|beendet)/, 'completed'],
  [/^(отмен|cancel|storniert|abgebrochen)/, 'canceled'],
  [/^(проблем|ошибк|problem|error|failed|fehler)/, 'problem'],
]

const STEPS: readonly (readonly [RegExp, FlowStep])[] = [
  [/confirm|подтвержд|bestätig/, 'order_confirm'],
  [/consent|gdpr|соглас|dsgvo|einwillig/, 'consent'],
  [/order|заказ|bestell/, 'order'],
  [/help|status|помощ|статус|hilfe/, 'help'],
  [/transfer|operator|оператор/, 'transfer'],
  [/end|goodbye|bye|finish|конец|прощан|ende/, 'end'],
]

export const reviewOf = (text: string): ReviewStatus | undefined => lookUp(REVIEWS, text)
export const orderStatusOf = (text: string): OrderStatus | undefined => lookUp(ORDERS, text)
/** Undefined of a greeting, and of what nobody here knows. */
export const stepOf = (text: string): FlowStep | undefined => lookUp(STEPS, text)

function lookUp<T>(table: readonly (readonly [RegExp, T])[], text: string): T | undefined {
  const plain = text.trim().toLowerCase().replaceAll('_', ' ')
  return table.find(([pattern]) => pattern.test(plain))?.[1]
}

export function textOf(value: OldValue): string | null {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? null : text
}

const YES = /^(1|true|t|yes|y|given|accepted|agreed|да|ja|согласен|zugestimmt)$/
const NO = /^(0|2|false|f|no|n|refused|declined|rejected|нет|nein|отказ|abgelehnt)$/

/** Null: neither, which is no consent and no refusal. */
export function decisionOf(value: OldValue): boolean | null {
  const text = textOf(value)?.toLowerCase() ?? ''
  if (YES.test(text)) return true
  return NO.test(text) ? false : null
}

export interface OldAnswer {
  readonly answer: FlowAnswerWord | null
  readonly digits: string | null
}

const KEYS: Readonly<Record<string, FlowAnswerWord>> = { '9': 'repeat', '0': 'human' }

export function answerOf(step: FlowStep, value: OldValue): OldAnswer {
  const text = textOf(value)
  if (text === null) return { answer: null, digits: null }
  const digits = text.replaceAll(/[\s#]/g, '')
  const keys = /^[0-9*]{1,32}$/.test(digits) ? digits : null
  if (step === 'order' && keys !== null && keys.length > 1) return { answer: 'entry', digits: keys }
  const decision = decisionOf(text)
  if (decision !== null && text !== '0') return { answer: decision ? 'yes' : 'no', digits: keys }
  return { answer: KEYS[digits] ?? 'invalid', digits: keys }
}

/** `2025-01-31 12:34:56.789`, as SQLAlchemy writes it: UTC, where it says nothing else. Seconds or milliseconds, too. */
export function timeOf(value: OldValue): number | null {
  const text = textOf(value)
  if (text === null) return null
  if (/^\d{9,13}(\.\d+)?$/.test(text)) {
    const number = Number(text)
    return number < 100_000_000_000 ? number * 1000 : number
  }
  const written = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(.*)$/.exec(
    text,
  )
  if (!written) return null
  const [, day = '', clock = '00:00:00', zone = ''] = written
  const at = Date.parse(`${day}T${clock}${/^(Z|[+-]\d{2}:?\d{2})$/.test(zone) ? zone : 'Z'}`)
  return Number.isNaN(at) ? null : at
}
