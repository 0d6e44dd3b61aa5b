// What can be done to a call that goes on.
import { defineWords } from '../../words/define-words.ts'

export const useCallActions = defineWords('call-actions', {
  en: {
    over: 'The call is over.',
    not_answered: 'Only a call that an agent is on can be handed over.',
    hang_up: 'Hang up',
    hang_up_consequences:
      'The caller hears nothing more: we send BYE and close the agent at once, in mid-sentence if it must be. It cannot be taken back; a later attempt is a new call.',
    hang_up_unanswered:
      'The phone stops ringing: we send CANCEL. Nothing was paid for an agent yet. It is not dialled again by itself.',
    hung_up: 'Hung up',
    transfer: 'Transfer …',
    transfer_title: 'Hand the caller to a human',
    to: 'To which number',
    mode: 'How',
    mode_auto: 'Automatic',
    mode_auto_hint:
      'What the trunk is set to; else REFER, and a second call where the carrier refuses.',
    mode_refer: 'REFER: the carrier does it',
    mode_refer_hint:
      'The call leaves this server: no cost here any more, and nothing more to see of it.',
    mode_bridge: 'Second call: we connect the two',
    mode_bridge_hint:
      'This server calls the human and stays in between: two lines are busy until they hang up.',
    transfer_consequences:
      'A real phone may ring. As soon as it is answered the agent is closed; if nobody answers, the agent goes on with the caller.',
    transfer_now: 'Transfer now',
    transferring: 'The transfer is under way: the ladder tells what comes of it.',
  },
  ru: {
    over: 'Звонок окончен.',
    not_answered: 'Перевести можно только звонок, который ведёт агент.',
    hang_up: 'Завершить',
    hang_up_consequences:
      'Абонент больше ничего не услышит: мы отправим BYE и сразу закроем агента, хоть на полуслове. Отменить это нельзя; следующая попытка будет новым звонком.',
    hang_up_unanswered:
      'Телефон перестанет звонить: мы отправим CANCEL. За агента ещё ничего не заплачено. Сам собой номер не перенабирается.',
    hung_up: 'Завершено',
    transfer: 'Перевести …',
    transfer_title: 'Передать абонента человеку',
    to: 'На какой номер',
    mode: 'Как',
    mode_auto: 'Автоматически',
    mode_auto_hint: 'Как задано у транка; иначе REFER, а где оператор откажет, второй звонок.',
    mode_refer: 'REFER: переводит оператор',
    mode_refer_hint: 'Звонок уходит с этого сервера: здесь он больше ничего не стоит и не виден.',
    mode_bridge: 'Второй звонок: соединяем мы',
    mode_bridge_hint:
      'Сервер звонит человеку и остаётся посередине: заняты две линии, пока не положат трубку.',
    transfer_consequences:
      'Может зазвонить настоящий телефон. Как только ответят, агент закрывается; если не ответят, он продолжит с абонентом.',
    transfer_now: 'Перевести',
    transferring: 'Перевод идёт: чем он кончится, покажет диаграмма.',
  },
  de: {
    over: 'Der Anruf ist vorbei.',
    not_answered: 'Nur ein Anruf, den ein Agent führt, lässt sich verbinden.',
    hang_up: 'Auflegen',
    hang_up_consequences:
      'Am anderen Ende ist nichts mehr zu hören: Wir senden BYE und schließen den Agenten sofort, auch mitten im Satz. Das lässt sich nicht zurücknehmen; ein weiterer Versuch ist ein neuer Anruf.',
    hang_up_unanswered:
      'Das Telefon hört auf zu klingeln: Wir senden CANCEL. Für einen Agenten wurde noch nichts bezahlt. Von selbst wird nicht noch einmal gewählt.',
    hung_up: 'Aufgelegt',
    transfer: 'Verbinden …',
    transfer_title: 'Mit einem Menschen verbinden',
    to: 'Mit welcher Nummer',
    mode: 'Wie',
    mode_auto: 'Automatisch',
    mode_auto_hint:
      'Wie der Trunk es vorsieht; sonst REFER, und wo der Netzbetreiber ablehnt, ein zweiter Anruf.',
    mode_refer: 'REFER: der Netzbetreiber verbindet',
    mode_refer_hint:
      'Der Anruf verlässt diesen Server: hier kostet er nichts mehr und ist nicht mehr zu sehen.',
    mode_bridge: 'Zweiter Anruf: wir verbinden',
    mode_bridge_hint:
      'Dieser Server ruft den Menschen an und bleibt dazwischen: zwei Leitungen, bis aufgelegt wird.',
    transfer_consequences:
      'Es kann ein echtes Telefon klingeln. Sobald jemand abnimmt, wird der Agent geschlossen; nimmt niemand ab, spricht er mit dem Anrufer weiter.',
    transfer_now: 'Jetzt verbinden',
    transferring: 'Es wird verbunden: Das Ablaufdiagramm zeigt, was daraus wird.',
  },
})
