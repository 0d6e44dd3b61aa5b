// Finding calls by words of their transcript: by FTS5 on SQLite, by a tsvector on PostgreSQL. Case and accents are folded
// here, and neither is asked to find words by itself, so that both find the same.
import { sql, type Expression, type Kysely, type RawBuilder, type SqlBool } from 'kysely'
import type { DatabaseSchema } from '../../db/schema.ts'
import { dialectOf } from '../../db/dialect-of.ts'
import type { Turn } from './turn.ts'

type Query = Kysely<DatabaseSchema>

const MOST_WORDS = 16
/**
 * Bytes that are found: longer than any talk. One letter may fold into eighteen, and folding takes its time; a tsvector
 * has room for 1 MiB.
 */
const MAX_INDEXED = 900_000
/** Letters of a word that count: a tsvector takes words of 2,046 bytes. */
const MAX_WORD = 500

/** The words of a text, folded: `Größe`, `GRÖSSE` and `grosse` are one. */
export function wordsOf(text: string): string[] {
  const folded = text
    // By way of capitals: the sharp s has two letters there.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map(beginning)
}

/** Cut between letters, never within one. */
const beginning = (word: string): string =>
  word.length <= MAX_WORD ? word : Array.from(word).slice(0, MAX_WORD).join('')

/** The words asked for; undefined when there are none, or more than anybody asks for. */
export function decodeWordSearch(text: string): readonly string[] | undefined {
  const words = [...new Set(wordsOf(text))]
  return words.length === 0 || words.length > MOST_WORDS ? undefined : words
}

/** What a transcript is found by: the words as they were heard, else all that were told; none of what nobody heard. */
export function indexedWords(turns: readonly Pick<Turn, 'text' | 'heardText'>[]): string {
  const found = new Set<string>()
  let bytes = 0
  for (const { heardText, text } of turns)
    for (const word of wordsOf(heardText ?? text ?? '')) {
      bytes += Buffer.byteLength(word)
      if (bytes > MAX_INDEXED) return [...found].join(' ')
      found.add(word)
    }
  return [...found].join(' ')
}

/** As the column takes them. */
export const storedWords = (query: Query, words: string): RawBuilder<string> =>
  dialectOf(query) === 'sqlite' ? sql`${words}` : sql`cast(${words} as tsvector)`

/** The condition on `call_words`: every word begins one of the transcript's. */
export function haveWords(query: Query, words: readonly string[]): Expression<SqlBool> {
  // Words are letters and digits alone, so nothing in them needs quoting within the quotes.
  if (dialectOf(query) === 'sqlite')
    return sql<SqlBool>`call_words MATCH ${words.map((word) => `"${word}"*`).join(' AND ')}`
  const asked = words.map((word) => `'${word}':*`).join(' & ')
  return sql<SqlBool>`call_words.words @@ cast(${asked} as tsquery)`
}
