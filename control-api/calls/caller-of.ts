// Who calls, as telephony vendors write it.
import { decodePhoneNumber } from '#core/phone-numbers'

/** What Twilio writes where a caller shows no number, beside words: numbers that spell them on a keypad. */
const NOBODY: ReadonlySet<string> = new Set([
  '+266696687', // ANONYMOUS
  '+7378742833', // RESTRICTED
  '+2562533', // BLOCKED
  '+8656696', // UNKNOWN
  '+86282452253', // UNAVAILABLE
])

/** E.164, else the plain name of a SIP user; null of who shows none: nobody is looked up or called back by it. */
export function callerOf(from: string | undefined): string | null {
  if (from === undefined || NOBODY.has(from)) return null
  const number = decodePhoneNumber(from)
  if (number !== undefined) return number
  const user = /^(?:sip:|client:)?([\w.+-]{1,64})(?:@.*)?$/i.exec(from)?.[1]
  return user === undefined || NOT_A_NAME.test(user) ? null : user
}

const NOT_A_NAME = /^(anonymous|restricted|unknown|unavailable|blocked|private|\+?\d*)$/i
