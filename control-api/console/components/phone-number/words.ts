// What is said of a phone number while it is typed.
import { defineWords } from '../../words/define-words.ts'

export const useNumberWords = defineWords('phone-number', {
  en: {
    reads: '{{country}}: {{number}}',
    empty: 'A number is needed.',
    plus: 'Begin with + and the country code: +49 30 … in place of 030 … or 0049 30 …',
    characters: 'Only digits, and what people put between them.',
    country: 'There is no such country code.',
    too_short: 'Too few digits.',
    too_long: 'Too many digits: a number has 15 at most.',
  },
  ru: {
    reads: '{{country}}: {{number}}',
    empty: 'Нужен номер.',
    plus: 'Начните с + и кода страны: +7 495 … вместо 8 495 …',
    characters: 'Только цифры и то, чем их разделяют.',
    country: 'Такого кода страны нет.',
    too_short: 'Слишком мало цифр.',
    too_long: 'Слишком много цифр: в номере не больше 15.',
  },
  de: {
    reads: '{{country}}: {{number}}',
    empty: 'Es braucht eine Nummer.',
    plus: 'Mit + und der Landesvorwahl beginnen: +49 30 … statt 030 … oder 0049 30 …',
    characters: 'Nur Ziffern und was man zwischen sie schreibt.',
    country: 'Diese Landesvorwahl gibt es nicht.',
    too_short: 'Zu wenige Ziffern.',
    too_long: 'Zu viele Ziffern: höchstens 15 hat eine Nummer.',
  },
})
