// A phone number as somebody types it: whether it can be one in E.164, simply. The server judges it by its country's plan.
import { callingCodeOf } from './calling-codes.ts'

export type NumberFault = 'empty' | 'plus' | 'characters' | 'country' | 'too_short' | 'too_long'

export type CheckedNumber =
  | { readonly fault: NumberFault }
  | {
      readonly fault: null
      readonly e164: string
      readonly region: string
      /** To be read back: `+49 302 312 500`. */
      readonly grouped: string
    }

const FEWEST_DIGITS = 7
const MOST_DIGITS = 15

export function checkNumber(typed: string): CheckedNumber {
  const text = typed.trim()
  if (text === '') return { fault: 'empty' }
  if (!text.startsWith('+')) return { fault: /^[\d\s().\-/]+$/.test(text) ? 'plus' : 'characters' }
  if (!/^\+[\d\s().\-/]*$/.test(text)) return { fault: 'characters' }
  const digits = text.replaceAll(/\D/g, '')
  const country = callingCodeOf(digits)
  if (!country) return { fault: digits.length < 3 ? 'too_short' : 'country' }
  if (digits.length < FEWEST_DIGITS) return { fault: 'too_short' }
  if (digits.length > MOST_DIGITS) return { fault: 'too_long' }
  const rest = digits.slice(country.code.length)
  // Threes, and four rather than a single one at the end.
  const groups = rest.match(/\d{4}$|\d{3}(?!\d$)|\d{1,2}$/g) ?? []
  return {
    fault: null,
    e164: `+${digits}`,
    region: country.region,
    grouped: [`+${country.code}`, ...groups].join(' '),
  }
}
