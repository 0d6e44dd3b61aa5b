// What a provider answered, read field by field, for any may be absent, null, or of another kind.
import { isFields, numberIn, textIn, type Fields } from '../../../vendor-answers/answer-fields.ts'

export { isFields, numberIn, rowsIn, textIn } from '../../../vendor-answers/answer-fields.ts'
export type { Fields } from '../../../vendor-answers/answer-fields.ts'

const NOTHING: Fields = {}

export const fieldsIn = (value: unknown): Fields => (isFields(value) ? value : NOTHING)

/** Of a job, a file, an endpoint: it goes into paths, so it has no more than letters, digits and what joins them. */
export function idIn(fields: Fields, name: string): string | null {
  const id = textIn(fields, name)
  return id !== null && /^[\w.:|-]{1,200}$/.test(id) && !/^\.+$/.test(id) ? id : null
}

/** A reference to an uploaded file: an id or an address of theirs, passed back as it is. */
export function refIn(fields: Fields, name: string): string | null {
  const ref = textIn(fields, name)
  return ref !== null && ref.length <= 4096 && !/\s/.test(ref) ? ref : null
}

/** Their word for how far a job is. */
export function statusIn(fields: Fields): string {
  const status = textIn(fields, 'status') ?? ''
  return /^[\w-]{1,40}$/.test(status) ? status : 'unknown'
}

/** Times beyond are milliseconds: as seconds they would be in the year 5138. */
const MOST_SECONDS = 1e11

/** Epoch ms, of a date of RFC 3339 or of a number of seconds or milliseconds; null: it does not say. */
export function timeIn(fields: Fields, name: string): number | null {
  const number = numberIn(fields, name)
  if (number !== null) return number > MOST_SECONDS ? number : number * 1000
  const time = Date.parse(textIn(fields, name) ?? '')
  return Number.isFinite(time) ? time : null
}
