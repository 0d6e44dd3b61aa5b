// What Twilio says no with, in words a user can act on. By its number: its own words may name the callee.
import { AppError, type ErrorCode } from '#core/errors'

type Known = readonly [code: ErrorCode, detail: string]

const CHECK_FROM =
  'TWILIO_PHONE_NUMBER is not a number of this Twilio account that may place calls.'
const GEO =
  'Twilio may not call this country: allow it under Voice, Settings, Geo permissions in its console.'

/** twilio.com/docs/api/errors, read autumn 2026. */
const KNOWN: Readonly<Record<number, Known>> = {
  20003: [
    'PROVIDER_NOT_CONFIGURED',
    'Twilio does not take TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or the account is suspended.',
  ],
  20404: ['NOT_FOUND', 'Twilio knows no such call.'],
  20429: ['TOO_MANY_REQUESTS', 'Twilio takes no more requests of this account at the moment.'],
  10004: ['CAPACITY_EXHAUSTED', 'All calls that Twilio allows this account at a time are taken.'],
  21210: ['PROVIDER_REFUSED', CHECK_FROM],
  21212: ['PROVIDER_REFUSED', CHECK_FROM],
  21211: ['NUMBER_INVALID', 'Twilio says that phone_number is no number that exists.'],
  21214: ['PROVIDER_REFUSED', 'Twilio has no way to this number.'],
  21215: ['PROVIDER_REFUSED', GEO],
  21216: ['PROVIDER_REFUSED', 'Twilio does not call this number at all.'],
  21217: ['NUMBER_INVALID', 'Twilio says that phone_number is no number that exists.'],
  21219: [
    'PROVIDER_REFUSED',
    'A trial account of Twilio calls verified numbers alone: verify it, or upgrade the account.',
  ],
  21220: ['CALL_ENDED', 'Twilio says that the call is not in progress any more.'],
  22005: ['PROVIDER_REFUSED', 'The call waited at Twilio for a day and was given up.'],
  13223: ['NUMBER_INVALID', 'Twilio says that the number is not written as one.'],
  13224: ['NUMBER_INVALID', 'Twilio says that the number is no number that exists.'],
  13225: ['PROVIDER_REFUSED', 'Twilio does not call this number at all.'],
  13227: ['PROVIDER_REFUSED', GEO],
}

/** @param code Twilio's; undefined when what answered was not its API */
export function refusalOf(status: number, code: number | undefined): AppError {
  const details = { vendor: 'twilio', status, ...(code === undefined ? {} : { vendor_code: code }) }
  const known = code === undefined ? undefined : KNOWN[code]
  if (known) {
    const [ours, detail] = known
    return new AppError(ours, detail, {
      details,
      ...(ours === 'TOO_MANY_REQUESTS' || ours === 'CAPACITY_EXHAUSTED'
        ? { retryAfterSeconds: 5 }
        : {}),
    })
  }
  const said = code === undefined ? `answered ${status}` : `refused it (error ${code})`
  const more = code === undefined ? '' : ` See twilio.com/docs/errors/${code}.`
  const ours =
    status >= 400 && status < 500 && code !== undefined ? 'PROVIDER_REFUSED' : 'VENDOR_FAILED'
  return new AppError(ours, `Twilio ${said}.${more}`, { details })
}

/** Of a call that ended badly; for its record. */
export const wordsOf = (code: string | null): string | undefined =>
  code === null ? undefined : (KNOWN[Number(code)]?.[1] ?? `Twilio error ${code}`)
