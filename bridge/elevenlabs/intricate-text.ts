// JSON that takes long to read: a large message of ours is one long base64 text, while megabytes of brackets or short
// texts hold up the thread and all its calls for a second and more (16 MB measured: 10 ms as audio, 1300 ms as brackets).

/** Smaller ones are read in a few milliseconds whatever they are. */
const SMALL = 256 * 1024
/** Of each kind. The letters of a minute of speech make some thousands. */
const MAX_MARKS = 50_000
const MARKS = ['"', ',', '[', '{'] as const

export const isTooIntricate = (text: string): boolean =>
  text.length > SMALL && MARKS.some((mark) => hasMany(text, mark))

function hasMany(text: string, mark: string): boolean {
  let count = 0
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    count += 1
    if (count > MAX_MARKS) return true
  }
  return false
}
