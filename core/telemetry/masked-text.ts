// Takes out of a text what says who somebody is: the second line of defence, behind not writing it there. Every
// pattern is linear: texts come from strangers too.

/** With a plus, as it is or encoded for a URL, and with what people put between the digits. */
const NUMBER_WITH_PLUS = /(?:\+|%2b)(?:%20|[ ().\-/]){0,2}\d(?:(?:%20|[ ().\-/]){0,2}\d){6,}/gi
/** Digits alone: not those of an id, of a UUID or behind a decimal point. */
const BARE_NUMBER = /(?<![\w-])(?<!\d\.)\d{7,}(?![\w-])/g
/** `sip:user:password@`, `https://user:password@`. */
const USER_OF_URI = /\b(sips?:|[a-z][a-z+.-]{0,15}:\/\/)[^\s@<>"\\/]{1,256}@/gi
/** Tokens and numbers stand in queries. */
const QUERY = /\b((?:https?|wss?):\/\/[^\s?"\\]{0,1024})\?[^\s"\\]*/gi

/** The text without phone numbers, users and passwords of URIs, and query strings. Masking twice changes nothing. */
export const maskedText = (text: string): string =>
  text
    .replace(QUERY, '$1')
    .replace(USER_OF_URI, '$1[user]@')
    .replace(NUMBER_WITH_PLUS, '[number]')
    .replace(BARE_NUMBER, '[number]')

const STRING_OF_JSON = /"(?:[^"\\]|\\.)*"/g
/** Most strings have none of it, and are left as they are. */
const MAY_TELL = /\d{3}|:\/\/|sips?:|%2b/i

/** Every string of a line of JSON, and no number of it: durations and sizes stay. */
export const maskedJson = (line: string): string =>
  line.replace(STRING_OF_JSON, (written) =>
    // Read first: behind `\n` a number would look like the end of a word.
    MAY_TELL.test(written) ? JSON.stringify(maskedText(JSON.parse(written) as string)) : written,
  )
