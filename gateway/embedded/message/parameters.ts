// `;name=value` parameters behind a URI, an address or a Via (RFC 3261 §25.1, generic-param).
import { splitOutsideQuotes } from './split-list.ts'

export type Parameters = ReadonlyMap<string, string>

const NO_PARAMETERS: Parameters = new Map()
const PARAMETER = /^([\w\-.!%*+`'~]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s"]+))?$/s

/** Reads what follows the first semicolon; `undefined` when a parameter is empty or malformed. */
export function parseParameters(text: string): Parameters | undefined {
  if (text === '') return NO_PARAMETERS
  const parts = splitOutsideQuotes(text, ';')
  if (parts === undefined) return undefined
  const parameters = new Map<string, string>()
  for (const part of parts) {
    const match = PARAMETER.exec(part)
    if (match === null) return undefined
    parameters.set((match[1] ?? '').toLowerCase(), match[2] ?? '')
  }
  return parameters
}
