// Phone numbers by libphonenumber: E.164 with the plus sign, as ITU-T E.164 writes them.
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** `+` and 7 to 15 digits. Personal data: never in a log text, a label or an error. */
export type E164 = string & { readonly __number: 'e164' }

/**
 * The number in E.164, or undefined when it cannot be one. Needs the leading `+`: without a country there is no
 * guessing. Possible, not assigned, is the test: numbering plans change faster than metadata.
 */
export function decodePhoneNumber(text: string): E164 | undefined {
  const trimmed = text.trim()
  if (!trimmed.startsWith('+') || trimmed.length > 32) return undefined
  const parsed = parsePhoneNumberFromString(trimmed)
  return parsed?.isPossible() === true && parsed.ext === undefined
    ? (parsed.number as E164)
    : undefined
}

/** What a SIP user part says of a number: E.164 when it is one (with or without `+`), else the user part as it is. */
export function numberFromSipUser(user: string): string {
  const digits = /^\+?\d{7,15}$/.test(user) ? `+${user.replace('+', '')}` : user
  return decodePhoneNumber(digits) ?? user
}
