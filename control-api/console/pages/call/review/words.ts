// Words of the review of a call.
import { defineWords } from '../../../words/define-words.ts'

export const useReviewWords = defineWords('call-review', {
  en: {
    title: 'Review',
    status: 'Status',
    unset: 'none',
    note: 'Note',
    note_hint: 'For whoever looks next. It stays in the timeline.',
    save: 'Save the review',
    saved: 'The review is saved.',
    history: 'History',
    nobody: 'Nobody has reviewed this call.',
    set: 'set to {{status}}',
    taken_back: 'taken back',
  },
  ru: {
    title: 'Проверка',
    status: 'Статус',
    unset: 'нет',
    note: 'Примечание',
    note_hint: 'Для того, кто посмотрит следующим. Остаётся в истории звонка.',
    save: 'Сохранить проверку',
    saved: 'Проверка сохранена.',
    history: 'История',
    nobody: 'Этот звонок никто не проверял.',
    set: 'статус: {{status}}',
    taken_back: 'статус снят',
  },
  de: {
    title: 'Prüfung',
    status: 'Status',
    unset: 'keiner',
    note: 'Notiz',
    note_hint: 'Für alle, die später hineinsehen. Sie bleibt im Verlauf des Anrufs.',
    save: 'Prüfung speichern',
    saved: 'Die Prüfung ist gespeichert.',
    history: 'Verlauf',
    nobody: 'Niemand hat diesen Anruf geprüft.',
    set: 'gesetzt auf {{status}}',
    taken_back: 'zurückgenommen',
  },
})
