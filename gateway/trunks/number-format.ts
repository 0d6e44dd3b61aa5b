// How a trunk writes telephone numbers on its wire, and how they are read back (core/contracts/trunk.ts). Pure.
import type { NumberFormat } from '#core/contracts'
import { decodePhoneNumber, numberFromSipUser } from '#core/phone-numbers'

/** What is no number in E.164 stays as it is: a name at the carrier. */
export function writeNumber(format: NumberFormat, number: string): string {
  if (format === 'e164' || !/^\+\d+$/.test(number)) return number
  const digits = number.slice(1)
  if (format === 'digits') return digits
  const country = digitsOf(format.country)
  return digits.startsWith(country)
    ? format.nationalPrefix + digits.slice(country.length)
    : format.internationalPrefix + digits
}

/**
 * False of a number of the country that is dialled like one of another: with `0` and `00`, `+49 0 881…` would be written
 * `00881…`, and ring a satellite telephone that no prefix allows.
 */
export function isWrittenPlainly(format: NumberFormat, number: string): boolean {
  if (typeof format === 'string' || format.internationalPrefix === '') return true
  const isOfCountry = number.startsWith(`+${digitsOf(format.country)}`)
  return !isOfCountry || !writeNumber(format, number).startsWith(format.internationalPrefix)
}

/**
 * The number in E.164 where it is one, else a plain name as it is, else undefined: as `numberFromSipUser`, which knows
 * no country.
 */
export function readNumber(format: NumberFormat, user: string): string | undefined {
  const bare = user.split(';')[0] ?? ''
  if (typeof format === 'string' || !/^\d+$/.test(bare)) return numberFromSipUser(user)
  return readings(format, bare).map(decodePhoneNumber).find(Boolean) ?? plainName(bare)
}

/** What is shorter is an extension, even where the country has numbers as short. */
const SHORTEST_BARE = 6

/** The prefixes decide. Without one: all digits where they begin with the country, else a number within it. */
function readings(
  { country: written, nationalPrefix, internationalPrefix }: Exclude<NumberFormat, string>,
  digits: string,
): readonly string[] {
  const country = digitsOf(written)
  const abroad = behind(internationalPrefix, digits)
  if (abroad !== undefined) return [`+${abroad}`]
  const national = behind(nationalPrefix, digits)
  const here = national === undefined ? [] : [`+${country}${national}`]
  if (digits.length < SHORTEST_BARE) return here
  return [...here, ...(digits.startsWith(country) ? [`+${digits}`] : []), `+${country}${digits}`]
}

/** A number of its digits alone would be one of any country. */
const plainName = (digits: string): string | undefined =>
  digits !== '' && digits.length <= 64 ? digits : undefined

const behind = (prefix: string, digits: string): string | undefined =>
  prefix !== '' && digits.startsWith(prefix) ? digits.slice(prefix.length) : undefined

const digitsOf = (country: string): string => country.replace('+', '')
