// The parameters of a webhook of Twilio: a form whose names may come more than once, and grow with every year.
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

/** Of calls: CA and 32 hexadecimal digits; whoever tries the webhook by hand writes what he likes. */
const CALL_SID = /^[\w-]{1,64}$/

export const decodeSid = (text: string | undefined): string | undefined =>
  text !== undefined && CALL_SID.test(text) ? text : undefined
