// Splits a header value at a separator, but not inside quotes or angle brackets.

/** `undefined` when a quote or a bracket stays open. */
export function splitOutsideQuotes(value: string, separator: ',' | ';'): string[] | undefined {
  if (!value.includes(separator)) return isBalanced(value) ? [value.trim()] : undefined
  const parts: string[] = []
  let from = 0
  let quoted = false
  let bracketed = false
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at]
    if (quoted) {
      if (char === '\\') at += 1
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '<') bracketed = true
    else if (char === '>') bracketed = false
    else if (char === separator && !bracketed) {
      parts.push(value.slice(from, at).trim())
      from = at + 1
    }
  }
  if (quoted || bracketed) return undefined
  parts.push(value.slice(from).trim())
  return parts
}

function isBalanced(value: string): boolean {
  if (!value.includes('"')) return true
  let quoted = false
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at]
    if (char === '\\' && quoted) at += 1
    else if (char === '"') quoted = !quoted
  }
  return !quoted
}
