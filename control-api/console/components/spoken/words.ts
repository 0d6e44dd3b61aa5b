// Words around what is spoken.
import { defineWords } from '../../words/define-words.ts'

export const useSpokenWords = defineWords('spoken', {
  en: {
    title: 'What is said',
    caller: 'Caller',
    callee: 'Callee',
    agent: 'Agent',
    gateway: 'Gateway',
    key: 'pressed a key',
    message: 'A message plays.',
    interrupted: '(interrupted)',
    not_answered_yet: 'It will appear here as soon as somebody answers and speaks.',
    nothing_yet: 'Nobody has said anything yet.',
    nothing: 'Nothing was said.',
  },
  ru: {
    title: 'Что говорят',
    caller: 'Звонивший',
    callee: 'Абонент',
    agent: 'Агент',
    gateway: 'Шлюз',
    key: 'нажата клавиша',
    message: 'Звучит сообщение.',
    interrupted: '(перебит)',
    not_answered_yet: 'Появится здесь, как только ответят и заговорят.',
    nothing_yet: 'Пока никто ничего не сказал.',
    nothing: 'Ничего не было сказано.',
  },
  de: {
    title: 'Was gesprochen wird',
    caller: 'Anrufer',
    callee: 'Angerufener',
    agent: 'Agent',
    gateway: 'Gateway',
    key: 'drückt eine Taste',
    message: 'Eine Ansage läuft.',
    interrupted: '(unterbrochen)',
    not_answered_yet: 'Erscheint hier, sobald jemand abnimmt und spricht.',
    nothing_yet: 'Noch hat niemand etwas gesagt.',
    nothing: 'Es wurde nichts gesagt.',
  },
})
