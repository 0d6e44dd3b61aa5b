// Which of a sender's own names an error may repeat: those that can be neither a number nor a key.

/** Shown in its place; plain ASCII, as it may stand in a path. */
const UNSHOWN = '-'
/** Keys have 32 characters and more. */
const NAME = /^[A-Za-z_][\w.-]{0,30}$/
/** A word with so many digits in a row may be a part of a number. */
const DIGITS = /\d{4}/
const OUR_ID = /^call_[0-9a-f]{32}$/

/** The name of a field, one level of it. */
export const shownName = (name: string): string =>
  NAME.test(name) && !DIGITS.test(name) ? name : UNSHOWN

/** A path without its query, segment by segment. */
export const shownPath = (path: string): string =>
  path
    .split('/')
    .map((segment) => (segment === '' || OUR_ID.test(segment) ? segment : shownName(segment)))
    .join('/')
