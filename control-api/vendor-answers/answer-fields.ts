// Fields of what a vendor answers: read one by one, for any may be absent, null, or written another way.

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Only what has fields; nothing of what is no list. */
export const rowsIn = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.filter(isFields) : []

export const textIn = (fields: Fields, name: string): string | null => {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Numbers come as such, and as texts. */
export function numberIn(fields: Fields, name: string): number | null {
  const value = fields[name]
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** An id of theirs: digits. */
export function idIn(fields: Fields, name: string): string | null {
  const value = fields[name]
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  return typeof text === 'string' && /^\d{1,20}$/.test(text) ? text : null
}

export const flagIn = (fields: Fields, name: string): boolean | null => {
  const value = fields[name]
  if (typeof value === 'boolean') return value
  if (value === 1 || value === 'true') return true
  return value === 0 || value === 'false' ? false : null
}
