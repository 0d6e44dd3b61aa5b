// The parameters of a webhook of Twilio: a form whose names may come more than once, and grow with every year.
import { decodePhoneNumber } from '#core/contracts'
import { AppError } from '#core/errors'
import type { SignedParams } from './signature.ts'

/** Some forty come, more of a call by SIP: whoever sends thousands would have them sorted before his signature is known. */
const MOST_PARAMS = 300

export class WebhookParams {
  /** As they came, for the signature. */
  readonly all: SignedParams
  readonly #first: ReadonlyMap<string, string>

  /** @throws AppError `REQUEST_INVALID` */
  constructor(body: string) {
    if (body.split('&', MOST_PARAMS + 1).length > MOST_PARAMS)
      throw new AppError('REQUEST_INVALID', `More than ${MOST_PARAMS} parameters came.`)
    this.all = [...new URLSearchParams(body)]
    this.#first = new Map([...this.all].reverse())
  }

  /** The first of this name; undefined also when it is empty. */
  text(name: string): string | undefined {
    const value = this.#first.get(name)
    return value === undefined || value === '' ? undefined : value
  }

  /** A whole number from 0 on. */
  count(name: string): number | undefined {
    const value = this.text(name)
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined
  }
}

/** What Twilio writes where a caller shows no number: words, and numbers that spell them on a keypad. */
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

/** Of calls: CA and 32 hexadecimal digits; whoever tries the webhook by hand writes what he likes. */
const CALL_SID = /^[\w-]{1,64}$/

export const decodeSid = (text: string | undefined): string | undefined =>
  text !== undefined && CALL_SID.test(text) ? text : undefined
