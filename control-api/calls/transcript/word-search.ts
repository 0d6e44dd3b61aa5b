// Finding calls by words of their transcript: what SQLite answers by FTS5 and PostgreSQL would by a tsvector. Case and
// accents are folded here, so that both find the same.
import { sql, type Expression, type SqlBool } from 'kysely'
import type { Turn } from './turn.ts'

const MOST_WORDS = 16
/** Letters that are found: longer than any talk. One letter may fold into eighteen, and folding takes its time. */
const MAX_INDEXED = 1024 * 1024

/** The words of a text, folded: `Größe`, `GRÖSSE` and `grosse` are one. */
export function wordsOf(text: string): string[] {
  const folded = text
    // By way of capitals: the sharp s has two letters there.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
  return folded.match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The words asked for; undefined when there are none, or more than anybody asks for. */
export function decodeWordSearch(text: string): readonly string[] | undefined {
  const words = [...new Set(wordsOf(text))]
  return words.length === 0 || words.length > MOST_WORDS ? undefined : words
}

/** What a transcript is found by: the words as they were heard, else all that were told; none of what nobody heard. */
export function indexedWords(turns: readonly Pick<Turn, 'text' | 'heardText'>[]): string {
  const found = new Set<string>()
  let letters = 0
  for (const { heardText, text } of turns) {
    if (letters > MAX_INDEXED) break
    for (const word of wordsOf(heardText ?? text ?? '')) {
      found.add(word)
      letters += word.length
    }
  }
  return [...found].join(' ')
}

/** The condition on `call_words`: every word begins one of the transcript's. */
export function haveWords(words: readonly string[]): Expression<SqlBool> {
  // Words are letters and digits alone, so nothing in them needs quoting within the quotes.
  const query = words.map((word) => `"${word}"*`).join(' AND ')
  return sql<SqlBool>`call_words MATCH ${query}`
}
