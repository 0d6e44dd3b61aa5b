// Takes out of a text what says who somebody is: the second line of defence, behind not writing it there. Every
// pattern is linear: texts come from strangers too.

/** With a plus, as it is or encoded for a URL, and with what people put between the digits. */
const NUMBER_WITH_PLUS = /(?:\+|%2b)(?:%20|[ ().\-/]){0,2}\d(?:(?:%20|[ ().\-/]){0,2}\d){6,}/gi
/** Digits alone: not those of an id, of a UUID or behind a decimal point. */
const BARE_NUMBER = /(?<![\w-])(?<!\d\.)\d{7,}(?![\w-])/g
/** `sip:user:password@`, `https://user:password@`. */
const USER_OF_URI = /\b(sips?:|[a-z][a-z+.-]{0,15}:\/\/)[^\s@<>"\\/]{1,256}@/gi
const URL = /\b(?:https?|wss?):\/\/[^\s"\\]*/gi
/** Tokens and numbers stand in queries. */
const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? ''

/** The text without phone numbers, users and passwords of URIs, and query strings. Masking twice changes nothing. */
export const maskedText = (text: string): string =>
  text
    .replace(URL, withoutQuery)
    .replace(USER_OF_URI, '$1[user]@')
    .replace(NUMBER_WITH_PLUS, '[number]')
    .replace(BARE_NUMBER, '[number]')

/** Only what is escaped takes a step back to: one for every letter would not fit the stack. */
const STRING_OF_JSON = /"[^"\\]*(?:\\.[^"\\]*)*"/g
/** Most strings have none of it, and are left as they are. */
const MAY_TELL = /\d{3}|\+|:\/\/|sips?:|%2b/i
/** A stack has some thousand letters; whoever sends us megabytes must not fill the log, nor our time. */
const MAX_CHARS = 8192
/** A number that the end of a long text cuts is masked before it is cut. */
const OVERLAP_CHARS = 512

/** Every string of a line of JSON, and no number of it: durations and sizes stay. Long ones are cut. */
export const maskedJson = (line: string): string =>
  line.replace(STRING_OF_JSON, (written) => {
    if (written.length <= MAX_CHARS && !MAY_TELL.test(written)) return written
    // Read first: behind `\n` a number would look like the end of a word.
    const text = JSON.parse(written) as string
    const masked = maskedText(text.slice(0, MAX_CHARS + OVERLAP_CHARS))
    return JSON.stringify(text.length > MAX_CHARS ? `${masked.slice(0, MAX_CHARS)}…` : masked)
  })
