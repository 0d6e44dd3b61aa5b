// Which language a caller hears: the one that was asked for, else that of the longest matching beginning of the number.
import type { LanguagePrefix } from '#core/config'
import { promptCatalogue, type FlowLanguage } from './prompts/catalogue.ts'

export const DEFAULT_LANGUAGE: FlowLanguage = 'de'

export interface Listener {
  /** E.164; anything else, a name or nothing, says nothing about a language. */
  readonly number: string | null
  /** As whoever placed the call wants it: `en`, `EN` or `en-GB`. One that the menu does not speak counts for nothing. */
  readonly given?: string | null
}

export function languageOf(table: readonly LanguagePrefix[], listener: Listener): FlowLanguage {
  return spoken(listener.given) ?? byNumber(table, listener.number) ?? DEFAULT_LANGUAGE
}

function spoken(given: string | null | undefined): FlowLanguage | undefined {
  const [language = ''] = (given ?? '').trim().toLowerCase().split(/[-_]/)
  return isLanguage(language) ? language : undefined
}

function byNumber(
  table: readonly LanguagePrefix[],
  number: string | null,
): FlowLanguage | undefined {
  if (number === null || !/^\+[1-9]\d+$/.test(number)) return undefined
  const matching = table.filter(({ prefix }) => number.startsWith(prefix))
  return matching.toSorted((a, b) => b.prefix.length - a.prefix.length)[0]?.language
}

const isLanguage = (language: string): language is FlowLanguage =>
  Object.hasOwn(promptCatalogue.languages, language)
