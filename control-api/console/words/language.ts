// Which language the console speaks: chosen by the reader, else the browser's first that we know.
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

export const LANGUAGES = { en: 'English', ru: 'Русский', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES

const STORED = 'voicegate.language'
const isLanguage = (text: string | null | undefined): text is Language =>
  typeof text === 'string' && text in LANGUAGES

function preferred(): Language {
  const stored = localStorage.getItem(STORED)
  if (isLanguage(stored)) return stored
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
}

i18next.on('languageChanged', (language) => {
  document.documentElement.lang = language
})
// At once: every page adds its words to it as it is loaded (define-words.ts).
void i18next.use(initReactI18next).init({
  lng: preferred(),
  fallbackLng: 'en',
  resources: {},
  initAsync: false,
  // React escapes.
  interpolation: { escapeValue: false },
})

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language)
  await i18next.changeLanguage(language)
}

export const currentLanguage = (): Language => {
  const { language } = i18next
  return isLanguage(language) ? language : 'en'
}

/** For Intl: the reader's own region where its language is the chosen one. */
export const locale = (): string => {
  const language = currentLanguage()
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language
}
