// Voximplant's errors as ours: what its number means, whether asking again helps, what somebody can do about it. Numbers as
// in its own client (npm @voximplant/apiclient-nodejs 4.11.0, APIErrorCode).
import { AppError } from '#core/errors'
import { maskedText } from '#core/telemetry'

/** Nothing was done, and asking again may help. */
const NOT_NOW: ReadonlySet<number> = new Set([135, 162, 314, 340, 429, 484, 515])
/** It broke on the way: nobody knows what was done. */
const BROKEN: ReadonlySet<number> = new Set([1, 2, 15, 16, 21])
/** The token is not taken: a fresh one may be. */
const TOKEN_OVER: ReadonlySet<number> = new Set([456])

export type Meaning = 'refused' | 'not-now' | 'broken' | 'token-over'

export function meaningOf(code: number): Meaning {
  if (NOT_NOW.has(code)) return 'not-now'
  if (BROKEN.has(code)) return 'broken'
  return TOKEN_OVER.has(code) ? 'token-over' : 'refused'
}

/** The key, or its role, may not do it: 104, and 100, which says both that and that the key is wrong. */
export const isForbidden = (code: number | null): boolean => code === 100 || code === 104

/** There is no such thing. */
export const isMissing = (code: number | null): boolean =>
  code !== null && [116, 132, 147, 341, 558].includes(code)

const CHECK_KEY =
  'Check the account id and the key; the key of a service account also needs a role that allows this.'
const CHECK_CLOCK = 'Check the clock of this machine: the token is dated by it.'
const GONE = 'It may have been deleted there.'

const TODO: Readonly<Record<number, string>> = {
  100: CHECK_KEY,
  103: 'VOXIMPLANT_BASE_URL must be the Management API.',
  104: 'Give the service account a role that allows this.',
  115: CHECK_KEY,
  116: GONE,
  127: 'Top up the balance of the account.',
  130: 'The scenario is too long.',
  131: 'Activate the account in the console of Voximplant.',
  132: GONE,
  133: 'Another scenario has this name.',
  147: GONE,
  175: 'Another rule has this name.',
  185: 'The caller number must be one that is rented or verified there.',
  314: 'Too much runs at a time on this account.',
  317: 'The account must be a paid one.',
  340: 'It is asked too often.',
  375: 'Push the scenario, so that it is bound to the rule.',
  418: 'Delete scenarios there that nobody needs.',
  419: 'Delete scenarios there that nobody needs.',
  433: 'The key of the service account was deleted there, or is of another account.',
  447: CHECK_KEY,
  454: CHECK_CLOCK,
  455: CHECK_CLOCK,
  456: CHECK_CLOCK,
  558: GONE,
  569: 'Ask for a shorter range.',
}

/** @param word the vendor's own, as it came */
export function refusalOf(code: number, word: unknown, retryAfterSeconds?: number): AppError {
  const isPassing = meaningOf(code) !== 'refused' && meaningOf(code) !== 'token-over'
  const todo = TODO[code]
  const said = `Voximplant: ${shownWord(word)} (code ${code}).`
  return new AppError(
    isPassing ? 'VENDOR_FAILED' : 'PROVIDER_REFUSED',
    todo === undefined ? said : `${said} ${todo}`,
    {
      details: { vendor: 'voximplant', vendor_code: code },
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  )
}

/** What it answered was no answer of the Management API. */
export const failureOf = (why: string, retryAfterSeconds?: number): AppError =>
  new AppError('VENDOR_FAILED', `Voximplant ${why}.`, {
    details: { vendor: 'voximplant' },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })

export const unreadable = (): AppError => failureOf('answered with something that cannot be read')

const MAX_WORD_CHARS = 160
/** It quotes what it was sent: values, numbers, tokens. */
const QUOTED = /"[^"]*"?/g
const LONG_NUMBER = /\d{5,}/g
const TOKEN = /[A-Za-z0-9+/_=.-]{24,}/g
/** What a terminal would do something about. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

function shownWord(word: unknown): string {
  if (typeof word !== 'string' || word.trim() === '') return 'it refused that'
  const masked = maskedText(word.slice(0, 1024).replace(CONTROL, ' '))
  const shown = masked.replace(QUOTED, '"…"').replace(TOKEN, '…').replace(LONG_NUMBER, '…').trim()
  return shown.slice(0, MAX_WORD_CHARS).replace(/\.$/, '')
}
