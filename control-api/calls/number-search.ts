// Finding calls by a number, or by its last digits: stored from the last digit to the first, so that an index finds the
// end as it finds a beginning.

export type NumberSearch =
  | { readonly kind: 'whole'; readonly reversed: string }
  | { readonly kind: 'ending'; readonly reversed: string }

const FEWEST_DIGITS = 3
/** ITU-T E.164 §6.2. */
const MOST_DIGITS = 15
/** What people put between digits. */
const SEPARATORS = /[\s().\-/\u2010-\u2015\u00a0\u202f]/g
const WHOLE = /^(?:\+|00)(\d{7,15})$/
/** A number as it is dialled within its country begins with a zero that its international form lacks. */
const NATIONAL = /^0(?=[1-9]\d{5,})/

const reverse = (digits: string): string => Array.from(digits).reverse().join('')

/** Null of a name, or of what is no number at all. */
export function reversedDigits(number: string): string | null {
  const digits = /^\+?(\d{1,32})$/.exec(number)?.[1]
  return digits === undefined ? null : reverse(digits)
}

/** Undefined of what is neither a whole number nor its last three digits or more. */
export function decodeNumberSearch(text: string): NumberSearch | undefined {
  const bare = text.replaceAll(SEPARATORS, '')
  const whole = WHOLE.exec(bare)?.[1]
  if (whole !== undefined) return { kind: 'whole', reversed: reverse(whole) }
  const digits = bare.replace(NATIONAL, '')
  if (!/^\d+$/.test(digits)) return undefined
  if (digits.length < FEWEST_DIGITS || digits.length > MOST_DIGITS) return undefined
  return { kind: 'ending', reversed: reverse(digits) }
}

/** Just behind every text that begins with these digits: the colon follows the nine. */
export const behindDigits = (reversed: string): string => `${reversed}:`
