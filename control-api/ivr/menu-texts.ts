// What the menu may have to say to callers, so that it can be spoken before the first of them waits for it.
import type { IvrConfig } from '#core/config'
import { textsOf } from './flow-turn.ts'
import { DEFAULT_LANGUAGE } from './language-of.ts'
import { rulesOf } from './open-flows.ts'

const DIGITS = '0123456789'

export interface MenuText {
  readonly text: string
  readonly language: string
}

/** In the languages that callers are answered in, the default one first; what is said first comes first. */
export function menuTexts(config: IvrConfig): readonly MenuText[] {
  const rules = rulesOf(config)
  const languages = new Set([DEFAULT_LANGUAGE, ...config.languages.map(({ language }) => language)])
  return [...languages].flatMap((language) =>
    [...textsOf(rules, language), ...Array.from(DIGITS)].map((text) => ({ text, language })),
  )
}
