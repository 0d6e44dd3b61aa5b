// SIP answers and the telephone network's own causes in words (RFC 3261 §21, ITU-T Q.850), and what to do about each.
import type { TrunkNames } from '../trunk/trunk-names.ts'

interface Answer {
  /** What it says, as the end of "the carrier answered …:". */
  readonly meaning: string
  readonly todo: string
}

/** Stands for what the trunk calls it. */
const ACCOUNT = '{account}'
const ANOTHER_NUMBER = 'Call a number that you know to be free and answered.'
const ASK = 'Ask the carrier, and tell it the time of the call'

const answer = (meaning: string, todo: string): Answer => ({ meaning, todo })

const BY_STATUS: Readonly<Record<number, Answer>> = {
  401: answer('it does not accept our user or password', `Check ${ACCOUNT}.`),
  402: answer('the account may not spend more', 'Check the balance of the account at the carrier.'),
  403: answer(
    'it forbids this call',
    `${ASK}: usually the number called, the caller number we show, the balance, or that this machine’s address is not on its list.`,
  ),
  404: answer(
    'the number is not known there',
    'Check the number, the country code included. If it is right, ask the carrier in which form it wants numbers.',
  ),
  407: answer('it does not accept our user or password', `Check ${ACCOUNT}.`),
  408: answer(
    'nobody answered further on in time',
    'Try once more, and another number: the way behind the carrier may be down.',
  ),
  410: answer('the number is no longer in use', 'Check the number.'),
  423: answer('it wants longer intervals', `${ASK}.`),
  480: answer('the phone is switched off, not registered, or takes no calls now', ANOTHER_NUMBER),
  484: answer('the number is too short', 'Write the whole number with its country code.'),
  486: answer('busy', ANOTHER_NUMBER),
  487: answer('the call was taken back', 'Nothing is wrong when you stopped it; else try again.'),
  488: answer(
    'it takes none of what we offer, or not in this form',
    'We offer G.711 µ-law and A-law (PCMU, PCMA) as plain RTP: have the carrier allow one of them, without encryption.',
  ),
  600: answer('busy everywhere', ANOTHER_NUMBER),
  603: answer('the call was declined', ANOTHER_NUMBER),
  604: answer('the number exists nowhere', 'Check the number, the country code included.'),
  606: answer(
    'it takes none of what we offer',
    'We offer G.711 µ-law and A-law (PCMU, PCMA) as plain RTP: have the carrier allow one of them.',
  ),
  607: answer('the callee does not want calls from us (unwanted)', ANOTHER_NUMBER),
  608: answer(
    'a filter on the way rejected it as unwanted',
    `${ASK}: the caller number may be listed as spam.`,
  ),
}

/** After a challenge: many carriers answer a wrong password like this, and not by a second 401. */
const FORBIDDEN_AFTER_PASSWORD = answer(
  'it refuses our user or password, or forbids this call',
  `Check ${ACCOUNT}: npm run doctor without --call asks the registrar about them. If they are right, ask the carrier: usually the number called, the caller number we show, or the balance.`,
)

export function explainStatus(status: number, names: TrunkNames, askedForPassword = false): Answer {
  const { meaning, todo } = explain(status, names, askedForPassword)
  return answer(meaning, todo.replace(ACCOUNT, names.account))
}

function explain(status: number, { domain, proxy }: TrunkNames, askedForPassword: boolean): Answer {
  const known = status === 403 && askedForPassword ? FORBIDDEN_AFTER_PASSWORD : BY_STATUS[status]
  if (known) return known
  if (status < 400)
    return answer(
      'it sends us to another address, and we do not follow',
      `Set ${domain}, or ${proxy}, to the address that the carrier wants.`,
    )
  if (status < 500) return answer('it does not take the call in this form', `${ASK}.`)
  if (status < 600)
    return answer(
      'it, or the network behind it, is in trouble or too busy',
      `Try again in a minute. If it stays so: ${ASK.toLowerCase()}.`,
    )
  return answer('it was refused for good', `${ASK}.`)
}

const PHRASES: Readonly<Record<number, string>> = {
  100: 'Trying: the carrier has it',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  401: 'Unauthorized: it asks for our password',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required: it asks for our password',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  481: 'Call Does Not Exist',
  486: 'Busy Here',
  487: 'Request Terminated: the CANCEL worked',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
}

export const phraseOf = (status: number): string | undefined => PHRASES[status]

/** ITU-T Q.850 table 1, those that are met. */
const CAUSES: Readonly<Record<number, string>> = {
  1: 'unassigned number',
  3: 'no route to destination',
  16: 'normal clearing',
  17: 'user busy',
  18: 'no user responding',
  19: 'user alerted, no answer',
  20: 'subscriber absent',
  21: 'call rejected',
  22: 'number changed',
  27: 'destination out of order',
  28: 'invalid number format',
  31: 'normal, unspecified',
  34: 'no circuit available',
  38: 'network out of order',
  41: 'temporary failure',
  42: 'switching equipment congestion',
  47: 'resource unavailable',
  50: 'facility not subscribed',
  57: 'bearer capability not authorized',
  58: 'bearer capability not available',
  63: 'service not available',
  65: 'bearer capability not implemented',
  79: 'service not implemented',
  88: 'incompatible destination',
  102: 'timer expired',
  111: 'protocol error',
  127: 'interworking, unspecified',
}

export const causeInWords = (cause: number): string =>
  `Q.850 cause ${cause}${CAUSES[cause] === undefined ? '' : `, ${CAUSES[cause]}`}`
