// What the server says of a receiver that did not take something (docs/operations.md), as one of a few troubles that the
// page has words for.
export const TROUBLES = [
  'not_https',
  'wrong_port',
  'not_public',
  'with_password',
  'with_fragment',
  'no_address',
  'unknown_host',
  'redirects',
  'gone',
  'nobody_listens',
  'no_answer',
  'cut',
  'not_kept',
  'secret_lost',
] as const
export type Trouble = (typeof TROUBLES)[number]

const PATTERNS: readonly (readonly [RegExp, Trouble])[] = [
  [/it is not https/, 'not_https'],
  [/its port is not 443/, 'wrong_port'],
  [/not on the public internet/, 'not_public'],
  [/user name or a password/, 'with_password'],
  [/has a fragment/, 'with_fragment'],
  [/no https address/, 'no_address'],
  [/host name has no address/, 'unknown_host'],
  [/redirects are not followed/, 'redirects'],
  [/wants no more/, 'gone'],
  [/nobody listens there/, 'nobody_listens'],
  [/no answer (?:within|in time)|no connection in time/, 'no_answer'],
  [/connection was cut|broke off|broken off/, 'cut'],
  [/not kept any more/, 'not_kept'],
  [/secret cannot be opened/, 'secret_lost'],
]

/** Undefined: an answer's status alone, or something new. */
export const troubleIn = (text: string): Trouble | undefined =>
  PATTERNS.find(([pattern]) => pattern.test(text))?.[1]

/** By the endpoint policy: the address is at fault, not the receiver. */
const REFUSED: ReadonlySet<Trouble> = new Set<Trouble>([
  'not_https',
  'wrong_port',
  'not_public',
  'with_password',
  'with_fragment',
  'no_address',
])
export const isRefusedAddress = (trouble: Trouble): boolean => REFUSED.has(trouble)
