// What is said before the agent when nothing else is set.
import type { ScenarioTexts } from './scenario-settings.ts'

export interface SpokenDefaults {
  readonly texts: ScenarioTexts
  /** Of the platform's `VoiceList`. */
  readonly voice: string
}

const SPOKEN = {
  de: {
    voice: 'Default.de_DE_Female',
    texts: {
      announcement: 'Dieses Gespräch wird aufgezeichnet.',
      question:
        'Dürfen wir dieses Gespräch aufzeichnen? Drücken Sie die 1, wenn Sie einverstanden sind, sonst die 2.',
      thanks: 'Vielen Dank.',
      refused: 'In Ordnung, das Gespräch wird nicht aufgezeichnet.',
    },
  },
  en: {
    voice: 'Default.en_US_Female',
    texts: {
      announcement: 'This call is being recorded.',
      question: 'May we record this call? Press 1 if you agree, or 2 if you do not.',
      thanks: 'Thank you.',
      refused: 'All right, this call is not recorded.',
    },
  },
  ru: {
    voice: 'Default.ru_RU_Female',
    texts: {
      announcement: 'Этот разговор записывается.',
      question:
        'Можно ли записать этот разговор? Нажмите 1, если вы согласны, или 2, если не согласны.',
      thanks: 'Спасибо.',
      refused: 'Хорошо, разговор не записывается.',
    },
  },
} as const satisfies Record<string, SpokenDefaults>

/** By the first part of a language tag; English for all others. */
export function spokenDefaults(language: string): SpokenDefaults {
  const known: Readonly<Record<string, SpokenDefaults>> = SPOKEN
  return known[language.toLowerCase().split(/[-_]/)[0] ?? ''] ?? SPOKEN.en
}
