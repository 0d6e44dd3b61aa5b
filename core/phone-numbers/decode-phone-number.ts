// Phone numbers by libphonenumber. Its ninety modules take a thread 60 ms to load: those that only carry calls do without.
import { parsePhoneNumberFromString, validatePhoneNumberLength } from 'libphonenumber-js/min'
import type { E164 } from '../contracts/index.ts'

/**
 * The number in E.164, or undefined when it cannot be one. Needs the leading `+`: without a country there is no
 * guessing. Possible, not assigned, is the test: numbering plans change faster than metadata.
 */
export function decodePhoneNumber(text: string): E164 | undefined {
  const trimmed = text.trim()
  if (!WRITTEN_NUMBER.test(trimmed)) return undefined
  const parsed = parsePhoneNumberFromString(trimmed, { extract: false })
  return parsed?.isPossible() === true && parsed.ext === undefined
    ? (parsed.number as E164)
    : undefined
}

/** Why `decodePhoneNumber` says no, as the end of a sentence; nothing of the text is in it. */
export function whyNoPhoneNumber(text: string): string {
  const trimmed = text.trim()
  if (!trimmed.startsWith('+')) return 'is not in E.164: it needs a plus and the country code'
  if (!WRITTEN_NUMBER.test(trimmed)) return 'is not a phone number in E.164'
  switch (validatePhoneNumberLength(trimmed)) {
    case 'INVALID_COUNTRY':
      return 'is not a phone number in E.164: it has no country code that exists'
    case 'TOO_SHORT':
      return 'is not a phone number in E.164: it has too few digits for its country'
    case 'TOO_LONG':
      return 'is not a phone number in E.164: it has too many digits for its country'
    case 'INVALID_LENGTH':
      return 'is not a phone number in E.164: its country has no numbers of this length'
    default:
      return 'is not a phone number in E.164'
  }
}

/** A plus, digits, and what people put between them; never a text that only contains a number. */
const WRITTEN_NUMBER = /^\+[\d\s().\-/]{1,31}$/
/** What may go from a stranger's SIP user part into a record and an agent's prompt. */
const PLAIN_USER = /^[\w.+-]{1,64}$/

/**
 * What a SIP user part says of a number: E.164 when it is one (with or without `+`), else a plain name as it is, else
 * undefined. User parameters (`;phone-context=…`) are left out.
 */
export function numberFromSipUser(user: string): string | undefined {
  const bare = (user.split(';')[0] ?? '').replaceAll(/%2b/gi, '+')
  const digits = /^\+?\d{7,15}$/.test(bare) ? `+${bare.replace('+', '')}` : bare
  return decodePhoneNumber(digits) ?? (PLAIN_USER.test(bare) ? bare : undefined)
}
