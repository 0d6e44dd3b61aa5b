// Words of by whom a call goes, and of who talks on it.
import { defineWords } from '../../words/define-words.ts'

export const useWayWords = defineWords('dial-way', {
  en: {
    provider: 'By',
    provider_sip: 'Over our own SIP trunks.',
    provider_twilio: 'From the number of our account at Twilio, which charges for the call itself.',
    provider_voximplant:
      'By an application of Voximplant, from its number; Voximplant charges for the call itself.',
    answer_with: 'Who talks',
    answer_agent: 'Agent',
    answer_agent_hint: 'The agent talks to whoever answers.',
    'answer_order-ivr': 'Menu',
    'answer_order-ivr_hint': 'Asks for consent and for an order number, by keypad.',
    'answer_order-ivr-then-agent': 'Menu, then agent',
    'answer_order-ivr-then-agent_hint':
      'The agent goes on where the menu ends, and knows what it learned.',
  },
  ru: {
    provider: 'Через',
    provider_sip: 'По нашим собственным SIP-транкам.',
    provider_twilio: 'С номера нашего аккаунта Twilio; за сам звонок платим ему.',
    provider_voximplant:
      'Через приложение Voximplant, с его номера; за сам звонок платим Voximplant.',
    answer_with: 'Кто говорит',
    answer_agent: 'Агент',
    answer_agent_hint: 'С тем, кто ответит, говорит агент.',
    'answer_order-ivr': 'Меню',
    'answer_order-ivr_hint': 'Спрашивает согласие и номер заказа, ответы с клавиатуры.',
    'answer_order-ivr-then-agent': 'Меню, затем агент',
    'answer_order-ivr-then-agent_hint': 'Агент продолжает после меню и знает, что там узнали.',
  },
  de: {
    provider: 'Über',
    provider_sip: 'Über unsere eigenen SIP-Trunks.',
    provider_twilio: 'Von der Nummer unseres Kontos bei Twilio; den Anruf selbst berechnet Twilio.',
    provider_voximplant:
      'Über eine Anwendung bei Voximplant, von deren Nummer; den Anruf selbst berechnet Voximplant.',
    answer_with: 'Wer spricht',
    answer_agent: 'Agent',
    answer_agent_hint: 'Wer abnimmt, spricht mit dem Agenten.',
    'answer_order-ivr': 'Menü',
    'answer_order-ivr_hint':
      'Fragt nach Einwilligung und Bestellnummer; geantwortet wird mit Tasten.',
    'answer_order-ivr-then-agent': 'Menü, dann Agent',
    'answer_order-ivr-then-agent_hint':
      'Der Agent macht nach dem Menü weiter und weiß, was dort gesagt wurde.',
  },
})
