// Blanks at the ends of lines and values, as SIP knows them (RFC 3261 §25.1, LWS).
// JavaScript's own trim() also takes the byte A0, which in latin1 text may end a UTF-8 character.

const isBlank = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

export function trimBlanksEnd(text: string): string {
  let end = text.length
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end -= 1
  return end === text.length ? text : text.slice(0, end)
}

function trimBlanksStart(text: string): string {
  let start = 0
  while (start < text.length && isBlank(text.charCodeAt(start))) start += 1
  return start === 0 ? text : text.slice(start)
}

export const trimBlanks = (text: string): string => trimBlanksStart(trimBlanksEnd(text))
