// What is said of a failure: the provider's own words, cleaned, and what to do about it.
import { maskedText } from '#core/telemetry'
import type { ProviderFailureKind } from '../animation-provider.ts'

/** How a provider is spoken of. */
export interface ProviderNames {
  /** `D-ID` */
  readonly title: string
  /** `DID_API_KEY` */
  readonly keyVariable: string
  /** `DID_BASE_URL` */
  readonly addressVariable: string
}

const MAX_WORDS = 300
/** What is looked at: nobody reads further. */
const MAX_LOOKED_AT = 4000
/** Shorter ones would take words out of a sentence. */
const LEAST_HIDDEN = 4

const ADDRESS = /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>]+/gi
const DATA = /\bdata:[\w/+.-]+[;,][^\s"'<>]*/gi
const MAIL = /[^\s@"'<>]{1,64}@[^\s@"'<>]{1,255}/g
/** Keys, tokens, signatures. */
const OPAQUE = /[\w+/=-]{40,}/g
/** What a terminal or a line of a log would act on. */
const UNPRINTED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g

/** One line without addresses, keys and whatever is hidden. @param hidden such as the key, and the words of the video */
export function cleanWords(words: string, hidden: readonly string[]): string {
  let clean = words.slice(0, MAX_LOOKED_AT)
  for (const secret of [...hidden].sort((a, b) => b.length - a.length))
    if (secret.length >= LEAST_HIDDEN) clean = clean.replaceAll(secret, '…')
  clean = maskedText(
    clean
      .replace(UNPRINTED, ' ')
      .replace(ADDRESS, '…')
      .replace(DATA, '…')
      .replace(MAIL, '…')
      .replace(OPAQUE, '…'),
  )
  const line = clean.replace(/\s+/g, ' ').trim()
  return line
    .slice(0, MAX_WORDS)
    .toWellFormed()
    .replace(/[.\s]+$/, '')
}

interface Sentences {
  readonly what: string
  readonly toDo: (names: ProviderNames) => string
}

const SENTENCES: Readonly<Record<ProviderFailureKind, Sentences>> = {
  auth: {
    what: 'does not accept the key',
    toDo: ({ keyVariable }) => `Check ${keyVariable}, then retry.`,
  },
  credits: {
    what: 'has no credits left',
    toDo: ({ title }) => `Top up at ${title}, then retry.`,
  },
  permission: {
    what: 'does not allow this account to do that',
    toDo: ({ title }) => `Check at ${title} what its plan includes, then retry.`,
  },
  invalid_input: {
    what: 'does not take the request',
    toDo: () => 'Change the words or the voice, and ask again.',
  },
  bad_image: {
    what: 'cannot use the photo',
    toDo: () => 'Take one with a single face that looks ahead, sharp and well lit, and ask again.',
  },
  moderation: {
    what: 'refused it by its rules for content',
    toDo: () => 'Take another photo or other words; asking for the same again is refused again.',
  },
  rate_limited: {
    what: 'takes no more requests at the moment',
    toDo: () => 'That passes: retry later.',
  },
  transient: {
    what: 'failed',
    toDo: () => 'That may pass: retry later.',
  },
  not_found: {
    what: 'does not know it, or not any more',
    toDo: () => 'Retry to begin anew, which may be paid again.',
  },
  unknown: {
    what: 'failed for a reason that is not known here',
    toDo: ({ title }) => `Look at ${title} what it says of it, then retry.`,
  },
}

/** @param words cleaned; empty: it said nothing */
export function sentenceOf(names: ProviderNames, kind: ProviderFailureKind, words: string): string {
  const { what, toDo } = SENTENCES[kind]
  const said = words === '' ? '' : ` (“${words}”)`
  return `${names.title} ${what}${said}. ${toDo(names)}`
}
