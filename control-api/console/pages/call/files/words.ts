// Words of what can be downloaded of a call, and deleted.
import { defineWords } from '../../../words/define-words.ts'

export const useFileWords = defineWords('call-files', {
  en: {
    title: 'Downloads',
    recording: 'Recording (WAV)',
    recording_hint:
      'Stereo: the far end is on the left, the agent on the right. {{length}}, {{size}}.',
    recording_hint_short: 'Stereo: the far end is on the left, the agent on the right.',
    no_recording: 'There is no recording.',
    recording_unanswered: 'Nobody answered, so nothing was recorded.',
    recording_failed:
      'The recording could not be kept. The vendor’s own may be there: see the vendor’s view.',
    recording_empty: 'Nothing was said while it was recorded, so there is no file.',
    recording_live: 'The recording can be downloaded when the call is over.',
    transcript_text: 'Transcript (text)',
    transcript_json: 'Transcript (JSON)',
    transcript_hint: 'With times, and what was said but not heard marked as such.',
    no_transcript: 'There is no transcript.',
    debug: 'Debug bundle (JSON)',
    debug_hint:
      'For support: the call, its timeline, log lines, the SIP messages while they are kept, webhooks, jobs. Phone numbers are in it, secrets are not.',
    pcap: 'Signalling (pcap)',
    pcap_hint: 'The SIP messages alone, for Wireshark.',
    delete: 'Delete the recording',
    delete_consequences:
      'The recording of this call is deleted for good, here and in the storage. Nobody can bring it back; transcript and events stay.',
    delete_word: 'delete',
    deleted: 'The recording is deleted.',
  },
  ru: {
    title: 'Файлы',
    recording: 'Запись (WAV)',
    recording_hint: 'Стерео: слева собеседник, справа агент. {{length}}, {{size}}.',
    recording_hint_short: 'Стерео: слева собеседник, справа агент.',
    no_recording: 'Записи нет.',
    recording_unanswered: 'Никто не ответил, и записывать было нечего.',
    recording_failed:
      'Запись не удалось сохранить. Возможно, есть запись поставщика: см. «Глазами поставщика».',
    recording_empty: 'Пока шла запись, никто ничего не сказал, и файла нет.',
    recording_live: 'Скачать запись можно будет после звонка.',
    transcript_text: 'Расшифровка (текст)',
    transcript_json: 'Расшифровка (JSON)',
    transcript_hint: 'С отметками времени; сказанное, но не услышанное отмечено.',
    no_transcript: 'Расшифровки нет.',
    debug: 'Отчёт для поддержки (JSON)',
    debug_hint:
      'Звонок, его ход, строки журнала, сообщения SIP, пока они хранятся, вебхуки, задания. Номера телефонов внутри есть, секретов нет.',
    pcap: 'Сигнализация (pcap)',
    pcap_hint: 'Только сообщения SIP, для Wireshark.',
    delete: 'Удалить запись',
    delete_consequences:
      'Запись этого звонка будет удалена навсегда, здесь и в хранилище. Вернуть её никто не сможет; расшифровка и события останутся.',
    delete_word: 'удалить',
    deleted: 'Запись удалена.',
  },
  de: {
    title: 'Dateien',
    recording: 'Aufnahme (WAV)',
    recording_hint: 'Stereo: links die Gegenseite, rechts der Agent. {{length}}, {{size}}.',
    recording_hint_short: 'Stereo: links die Gegenseite, rechts der Agent.',
    no_recording: 'Es gibt keine Aufnahme.',
    recording_unanswered: 'Niemand nahm ab, also wurde nichts aufgenommen.',
    recording_failed:
      'Die Aufnahme ließ sich nicht speichern. Vielleicht gibt es die des Anbieters: siehe „Aus Sicht des Anbieters“.',
    recording_empty: 'Während der Aufnahme wurde nichts gesagt; es gibt keine Datei.',
    recording_live: 'Die Aufnahme lässt sich nach dem Anruf herunterladen.',
    transcript_text: 'Transkript (Text)',
    transcript_json: 'Transkript (JSON)',
    transcript_hint: 'Mit Zeitangaben; was gesagt, aber nicht gehört wurde, ist gekennzeichnet.',
    no_transcript: 'Es gibt kein Transkript.',
    debug: 'Support-Paket (JSON)',
    debug_hint:
      'Der Anruf, sein Verlauf, Logzeilen, die SIP-Nachrichten, solange sie aufbewahrt sind, Webhooks, Aufträge. Telefonnummern stehen darin, Geheimnisse nicht.',
    pcap: 'Signalisierung (pcap)',
    pcap_hint: 'Nur die SIP-Nachrichten, für Wireshark.',
    delete: 'Aufnahme löschen',
    delete_consequences:
      'Die Aufnahme dieses Anrufs wird endgültig gelöscht, hier und im Speicher. Niemand kann sie zurückholen; Transkript und Ereignisse bleiben.',
    delete_word: 'löschen',
    deleted: 'Die Aufnahme ist gelöscht.',
  },
})
