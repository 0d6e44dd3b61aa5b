// The name that a file was sent by, as it may be shown: never a path, never used as one.

const MAX_CHARS = 120
/** Control characters, marks that turn text around or are not seen, halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Null when nothing is left of it. */
export function shownFileName(name: string | undefined): string | null {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? ''
  const seen = last.replace(UNSEEN, '').replace(/\s+/g, ' ').trim()
  const short = Array.from(seen).slice(0, MAX_CHARS).join('')
  return short === '' || /^\.+$/.test(short) ? null : short
}
