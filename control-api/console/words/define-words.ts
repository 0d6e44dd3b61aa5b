// The words of one page, in every language we speak, beside the page; a key that one of them lacks does not compile.
import { useCallback } from 'react'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import './language.ts'

/** i18next takes `key_one`, `key_few`, `key_many`, `key_other` for counts: they are asked for as `key` with `count`. */
type Asked<K extends string> = K extends `${infer Base}_${'one' | 'few' | 'many' | 'other'}`
  ? Base
  : K
type Plural = `${string}_${'one' | 'few' | 'many' | 'other'}`
/** Of another language: the same words; its plural forms may be others. */
type SameWords<W> = Record<Exclude<keyof W, Plural>, string> & Partial<Record<Plural, string>>

export type Say<K extends string> = (
  key: Asked<K>,
  values?: Readonly<Record<string, string | number>>,
) => string

/**
 * @param namespace unique; the folder's name
 * @param en the keys are its own; `{{name}}` stands for a value
 * @returns a hook; inside a component `const say = useWords()` and `say('title')`
 */
export function defineWords<const W extends Readonly<Record<string, string>>>(
  namespace: string,
  { en, ru, de }: { readonly en: W; readonly ru: SameWords<W>; readonly de: SameWords<W> },
): () => Say<Extract<keyof W, string>> {
  for (const [language, words] of Object.entries({ en, ru, de }))
    i18next.addResourceBundle(language, namespace, words, false, true)
  return function useWords() {
    const { t } = useTranslation(namespace)
    // The same while the language is: what is made of words is made once.
    return useCallback((key, values) => t(key, { ...values }), [t])
  }
}
