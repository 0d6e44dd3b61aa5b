// What happens at the demo numbers of a rehearsal, in the reader's language; what we do not know is shown as it is told.
import { defineWords } from '../../words/define-words.ts'

const en = {
  talks: 'answers and talks',
  busy: '486 Busy Here',
  declined: 'rings, then 603 Decline',
  not_found: '404 Not Found',
  unavailable: '503 with Retry-After',
  no_answer: 'rings until it is canceled',
  operator_answer: '183 with an announcement, then answers',
  operator_failure: '183 with an announcement, then 480',
  answers_on_cancel: 'rings; a CANCEL is crossed by 200 OK',
  answers_after_cancel: 'rings; 200 to the CANCEL, and 2 s later 200 OK all the same',
  answers_late: 'rings for 20 s, then answers',
  hangs_up: 'answers, says hello, hangs up after 2 s',
  says_nothing: 'answers and says nothing',
  voicemail: 'answers with a voicemail greeting and a beep',
  vanishes: 'answers, says hello, falls silent for good',
  ignores_bye: 'answers, never responds to BYE',
} as const

const ru = {
  talks: 'отвечает и говорит',
  busy: '486 Busy Here',
  declined: 'гудки, затем 603 Decline',
  not_found: '404 Not Found',
  unavailable: '503 с Retry-After',
  no_answer: 'гудки до отмены',
  operator_answer: '183 с объявлением, затем ответ',
  operator_failure: '183 с объявлением, затем 480',
  answers_on_cancel: 'гудки; навстречу CANCEL идёт 200 OK',
  answers_after_cancel: 'гудки; 200 на CANCEL, а через 2 с всё же 200 OK',
  answers_late: 'гудки 20 с, затем ответ',
  hangs_up: 'отвечает, здоровается, через 2 с кладёт трубку',
  says_nothing: 'отвечает и молчит',
  voicemail: 'голосовая почта с приветствием и сигналом',
  vanishes: 'отвечает, здоровается и пропадает',
  ignores_bye: 'отвечает, на BYE не реагирует',
}

const de = {
  talks: 'nimmt ab und redet',
  busy: '486 Busy Here',
  declined: 'klingelt, dann 603 Decline',
  not_found: '404 Not Found',
  unavailable: '503 mit Retry-After',
  no_answer: 'klingelt bis zum CANCEL',
  operator_answer: '183 mit Ansage, dann Annahme',
  operator_failure: '183 mit Ansage, dann 480',
  answers_on_cancel: 'klingelt; CANCEL und 200 OK kreuzen sich',
  answers_after_cancel: 'klingelt; 200 auf CANCEL, 2 s später doch 200 OK',
  answers_late: 'klingelt 20 s, nimmt dann ab',
  hangs_up: 'nimmt ab, grüßt, legt nach 2 s auf',
  says_nothing: 'nimmt ab und schweigt',
  voicemail: 'Mailbox mit Ansage und Piepton',
  vanishes: 'nimmt ab, grüßt, verstummt für immer',
  ignores_bye: 'nimmt ab, antwortet nie auf BYE',
}

const useWords = defineWords('dial-demo', { en, ru, de })
const KEYS = new Map(
  Object.entries(en).map(([key, text]: [string, string]) => [text, key as keyof typeof en]),
)

export function useDemoWords(): (what: string) => string {
  const say = useWords()
  return (what) => {
    const key = KEYS.get(what)
    return key === undefined ? what : say(key)
  }
}
