// What the menu asks, what it is answered, and who picked up, as call page, ladder and time axis say it.
import { useCallback } from 'react'
import { defineWords } from '../words/define-words.ts'

const en = {
  'step-consent': 'consent',
  'step-order': 'order number',
  'step-order_confirm': 'is the number right',
  'step-help': 'anything else',
  'step-transfer': 'putting through to a human',
  'step-end': 'goodbye',
  'answer-yes': 'yes',
  'answer-no': 'no',
  'answer-entry': 'entry',
  'answer-repeat': 'repeat it',
  'answer-human': 'wants a human',
  'answer-invalid': 'invalid entry',
  'answer-silence': 'silence',
  'answer-transfer-failed': 'nobody picked up',
  'verdict-human': 'a human',
  'verdict-machine': 'a machine',
  'verdict-fax': 'a fax',
  'verdict-unknown': 'not recognised',
} as const

const ru = {
  'step-consent': 'согласие',
  'step-order': 'номер заказа',
  'step-order_confirm': 'верен ли номер',
  'step-help': 'нужно ли что-то ещё',
  'step-transfer': 'соединение с человеком',
  'step-end': 'прощание',
  'answer-yes': 'да',
  'answer-no': 'нет',
  'answer-entry': 'ввод',
  'answer-repeat': 'повторить',
  'answer-human': 'просит человека',
  'answer-invalid': 'неверный ввод',
  'answer-silence': 'молчание',
  'answer-transfer-failed': 'никто не ответил',
  'verdict-human': 'человек',
  'verdict-machine': 'автоответчик',
  'verdict-fax': 'факс',
  'verdict-unknown': 'не распознано',
}

const de = {
  'step-consent': 'Einwilligung',
  'step-order': 'Bestellnummer',
  'step-order_confirm': 'stimmt die Nummer',
  'step-help': 'noch etwas',
  'step-transfer': 'Verbinden mit einem Menschen',
  'step-end': 'Verabschiedung',
  'answer-yes': 'ja',
  'answer-no': 'nein',
  'answer-entry': 'Eingabe',
  'answer-repeat': 'wiederholen',
  'answer-human': 'will einen Menschen',
  'answer-invalid': 'ungültige Eingabe',
  'answer-silence': 'Schweigen',
  'answer-transfer-failed': 'niemand nahm ab',
  'verdict-human': 'ein Mensch',
  'verdict-machine': 'ein Anrufbeantworter',
  'verdict-fax': 'ein Fax',
  'verdict-unknown': 'nicht erkannt',
}

const useWords = defineWords('menu-words', { en, ru, de })

const isWord = (key: string): key is keyof typeof en => key in en

/** A step, an answer or a verdict in the reader's language; what is not known is shown as it is told. */
export function useMenuWords(): (kind: 'step' | 'answer' | 'verdict', value: string) => string {
  const say = useWords()
  return useCallback(
    (kind, value) => {
      const key = `${kind}-${value}`
      return isWord(key) ? say(key) : value
    },
    [say],
  )
}
