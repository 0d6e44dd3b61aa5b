// Kinds of settings of the menu (order IVR) and of Twilio.
import type { Setting } from './setting.ts'

/** Languages that the menu speaks, ISO 639-1. */
export const IVR_LANGUAGES = ['de', 'en', 'ru'] as const
export type IvrLanguage = (typeof IVR_LANGUAGES)[number]

export interface LanguagePrefix {
  /** `+44`. */
  readonly prefix: string
  readonly language: IvrLanguage
}

/** `+44=en`: callers whose number begins so hear this language. */
export const languagePrefix = (): Setting<LanguagePrefix> => ({
  kind: '+44=en',
  parse: (value) => {
    const [, prefix, code] = /^(\+[1-9]\d{0,14})=([a-z]{2})$/.exec(value) ?? []
    const language = IVR_LANGUAGES.find((known) => known === code)
    return prefix === undefined || language === undefined
      ? {
          problem: `must be the beginning of a number and a language, such as +44=en; the languages are ${IVR_LANGUAGES.join(', ')}`,
        }
      : { value: { prefix, language } }
  },
})

/**
 * What an order number looks like, as a pattern of digits: digits, `[…]`, `?` and `{n,m}` alone, so that no pattern can
 * take long, and none matches what no key can type.
 */
export const orderPattern = (): Setting<string> => ({
  kind: 'pattern of digits, such as [0-9]{4,12}',
  parse: (value) =>
    /^((\\d|\d|\[(\d(-\d)?)+\])(\?|\{\d{1,2}(,\d{1,2})?\})?)+$/.test(value) && isRegExp(value)
      ? { value }
      : {
          problem:
            'must be a pattern of digits such as [0-9]{4,12} or 7\\d{5}: digits, [0-9], ? and {4,12} are understood',
        },
})

function isRegExp(pattern: string): boolean {
  try {
    new RegExp(`^(?:${pattern})$`)
    return true
  } catch {
    // Numbers out of order, such as {5,2}: whoever asks says what is right.
    return false
  }
}

/** Of a Twilio account. */
export const accountSid = (): Setting<string> => ({
  kind: 'AC and 32 hexadecimal digits',
  parse: (value) =>
    /^AC[0-9a-fA-F]{32}$/.test(value)
      ? { value }
      : { problem: 'must be the Account SID: AC and 32 hexadecimal digits' },
})
