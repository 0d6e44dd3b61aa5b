// What is wrong with a text that is no YAML, in words of ours: the library's may quote the file, which has secrets.
import type { YAMLParseError } from 'yaml'

const IN_BRACES = 'inside [ ] and { }, write "${NAME}" in quotes'

const WORDS: Readonly<Partial<Record<YAMLParseError['code'], string>>> = {
  DUPLICATE_KEY: 'this key stands there already: take one of the two out',
  TAB_AS_INDENT: 'is indented by a tab: use spaces',
  BAD_INDENT: 'is not indented as the lines it belongs to',
  MISSING_CHAR: `a closing quote, bracket, brace, comma or colon is missing; ${IN_BRACES}`,
  UNEXPECTED_TOKEN: `something stands here that YAML does not expect; ${IN_BRACES}`,
  BAD_SCALAR_START: 'begins with a character that must be in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'has a second colon in one line: put the value into quotes; or the line below it is indented too far',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing behind a key, or a line before is not closed',
  MULTIPLE_DOCS: 'begins a second document (---): one file is one document',
  BAD_DQ_ESCAPE: 'has a backslash that means nothing in double quotes: use single ones',
}

/** What is missing where, by the library's words; they may quote what stands there, so no more of them is used. */
const MISSING = [
  [/^Sequence item without -/, WORDS.BAD_INDENT],
  [/^Implicit map keys/, 'a colon is missing behind the key, or a space behind the colon'],
] as const

export const yamlProblem = ({ code, message }: Pick<YAMLParseError, 'code' | 'message'>): string =>
  MISSING.find(([words]) => words.test(message))?.[1] ?? WORDS[code] ?? `is no valid YAML (${code})`
