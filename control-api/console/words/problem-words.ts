// What the server refuses with, in the reader's language. In English its own words say more; elsewhere they follow ours.
import { currentLanguage } from './language.ts'

const RUSSIAN: Readonly<Record<string, string>> = {
  REQUEST_INVALID: 'Запрос составлен неверно.',
  NUMBER_INVALID: 'Номер неверен. Запишите его в международном виде: плюс, код страны, номер.',
  NUMBER_NOT_ALLOWED: 'На этот номер звонить не разрешено: его начала нет в DIAL_ALLOW_PREFIXES.',
  FROM_NOT_ALLOWED: 'Этот номер нельзя показывать: он не из номеров транка.',
  FORBIDDEN: 'Этому ключу такое не разрешено.',
  DIAL_NOT_ALLOWED: 'Этому ключу сюда звонить не разрешено.',
  NOT_FOUND: 'Не найдено: возможно, уже удалено.',
  RECORDING_NOT_FOUND: 'Записи нет.',
  TRANSCRIPT_NOT_FOUND: 'Расшифровки нет.',
  CALL_ENDED: 'Звонок уже завершён.',
  NOT_ANSWERED: 'На звонок ещё не ответили.',
  TRANSFER_UNDER_WAY: 'Звонок уже переводится или был переведён.',
  CONFLICT: 'Такой же запрос ещё выполняется: подождите.',
  STATE_CONFLICT: 'Сейчас это невозможно.',
  NOT_BUILT: 'Этого в этой версии ещё нет.',
  ENDPOINT_REFUSED: 'К этому адресу обращаться нельзя.',
  RATE_EXCEEDED: 'Слишком много звонков в секунду. Повторите чуть позже.',
  TOO_MANY_REQUESTS: 'Слишком много запросов. Повторите чуть позже.',
  LOCKED_OUT: 'Слишком много неверных ключей с этого адреса. Повторите позже.',
  ANIMATION_BUDGET_SPENT: 'Дневной лимит анимаций исчерпан. Повторите позже.',
  DIAL_BUDGET_SPENT: 'Лимит звонков этого ключа исчерпан.',
  AGENT_SLOTS_TAKEN: 'Поставщик агента сейчас не принимает новых разговоров. Повторите позже.',
  SECRETS_KEY_MISSING: 'Секреты хранить нельзя: не задан SECRETS_KEY.',
  INTERNAL: 'Ошибка на стороне сервера: подробности в его журнале.',
  NO_TRUNK: 'Нет транка, через который можно позвонить.',
  CAPACITY_EXHAUSTED: 'Все места для звонков заняты. Повторите позже.',
  DRAINING: 'Шлюз завершает работу.',
  SIP_UNAVAILABLE: 'SIP-сервер недоступен. Соединение восстановится само.',
  DATABASE_UNAVAILABLE: 'База данных не ответила. Повторите чуть позже.',
  TIMED_OUT: 'Истекло время ожидания.',
  VENDOR_FAILED: 'Поставщик не выполнил запрос.',
  STORAGE_UNAVAILABLE: 'Хранилище файлов недоступно.',
  NOT_RECORDING: 'Этот звонок не записывается.',
  MEDIA_REFUSED:
    'Такой файл не принимается: нужно фото JPEG, PNG, WebP или видео MP4, MOV, AVI, MKV, WebM.',
  MEDIA_DAMAGED: 'Файл повреждён или содержит не то, чем назван.',
  MEDIA_TOO_LARGE: 'Файл слишком велик.',
  MEDIA_BUSY: 'Сейчас обрабатывается слишком много файлов. Повторите чуть позже.',
  VIDEO_TOOLS_MISSING: 'На сервере нет ffmpeg: видео проверить нельзя.',
  VOICE_REQUIRED: 'Не указан голос.',
  PROVIDER_NOT_CONFIGURED: 'Этот поставщик не настроен.',
  PROVIDER_REFUSED: 'Поставщик отклонил запрос.',
}

const GERMAN: Readonly<Record<string, string>> = {
  REQUEST_INVALID: 'Die Anfrage ist nicht gültig.',
  NUMBER_INVALID:
    'Die Rufnummer ist nicht gültig. Schreiben Sie sie international: Plus, Landesvorwahl, Nummer.',
  NUMBER_NOT_ALLOWED:
    'Diese Nummer darf nicht angerufen werden: Ihr Anfang steht nicht in DIAL_ALLOW_PREFIXES.',
  FROM_NOT_ALLOWED: 'Diese Nummer darf nicht angezeigt werden: Sie gehört nicht zum Trunk.',
  FORBIDDEN: 'Dieser Schlüssel darf das nicht.',
  DIAL_NOT_ALLOWED: 'Dieser Schlüssel darf dort nicht anrufen.',
  NOT_FOUND: 'Nicht gefunden: vielleicht schon gelöscht.',
  RECORDING_NOT_FOUND: 'Es gibt keine Aufzeichnung.',
  TRANSCRIPT_NOT_FOUND: 'Es gibt kein Transkript.',
  CALL_ENDED: 'Der Anruf ist schon beendet.',
  NOT_ANSWERED: 'Der Anruf ist noch nicht angenommen.',
  TRANSFER_UNDER_WAY: 'Der Anruf wird schon weiterverbunden oder wurde es.',
  CONFLICT: 'Dieselbe Anfrage läuft noch: Bitte warten Sie.',
  STATE_CONFLICT: 'Das ist in diesem Zustand nicht möglich.',
  NOT_BUILT: 'Das gibt es in dieser Version noch nicht.',
  ENDPOINT_REFUSED: 'Diese Adresse darf nicht aufgerufen werden.',
  RATE_EXCEEDED: 'Zu viele Anrufe in der Sekunde. Versuchen Sie es gleich noch einmal.',
  TOO_MANY_REQUESTS: 'Zu viele Anfragen. Versuchen Sie es gleich noch einmal.',
  LOCKED_OUT: 'Zu viele falsche Schlüssel von dieser Adresse. Versuchen Sie es später noch einmal.',
  ANIMATION_BUDGET_SPENT:
    'Das Tageskontingent an Animationen ist aufgebraucht. Versuchen Sie es später noch einmal.',
  DIAL_BUDGET_SPENT: 'Das Anrufkontingent dieses Schlüssels ist aufgebraucht.',
  AGENT_SLOTS_TAKEN:
    'Der Anbieter des Agenten nimmt gerade keine Gespräche mehr an. Versuchen Sie es später noch einmal.',
  SECRETS_KEY_MISSING: 'Geheimnisse können nicht aufbewahrt werden: SECRETS_KEY fehlt.',
  INTERNAL: 'Auf dem Server ist etwas schiefgegangen: Sein Protokoll sagt mehr.',
  NO_TRUNK: 'Es gibt keinen Trunk, über den angerufen werden kann.',
  CAPACITY_EXHAUSTED: 'Alle Plätze für Anrufe sind belegt. Versuchen Sie es später noch einmal.',
  DRAINING: 'Das Gateway wird gerade beendet.',
  SIP_UNAVAILABLE:
    'Der SIP-Server ist nicht erreichbar. Die Verbindung wird von selbst wiederhergestellt.',
  DATABASE_UNAVAILABLE: 'Die Datenbank hat nicht geantwortet. Versuchen Sie es gleich noch einmal.',
  TIMED_OUT: 'Die Wartezeit ist abgelaufen.',
  VENDOR_FAILED: 'Der Anbieter hat die Anfrage nicht erfüllt.',
  STORAGE_UNAVAILABLE: 'Der Speicher für Dateien ist nicht erreichbar.',
  NOT_RECORDING: 'Dieser Anruf wird nicht aufgezeichnet.',
  MEDIA_REFUSED:
    'Diese Datei wird nicht genommen: Es muss ein Foto (JPEG, PNG, WebP) oder ein Video (MP4, MOV, AVI, MKV, WebM) sein.',
  MEDIA_DAMAGED: 'Die Datei ist beschädigt oder nicht, was sie zu sein vorgibt.',
  MEDIA_TOO_LARGE: 'Die Datei ist zu groß.',
  MEDIA_BUSY: 'Gerade werden zu viele Dateien bearbeitet. Versuchen Sie es gleich noch einmal.',
  VIDEO_TOOLS_MISSING: 'Auf dem Server fehlt ffmpeg: Videos lassen sich nicht prüfen.',
  VOICE_REQUIRED: 'Es fehlt eine Stimme.',
  PROVIDER_NOT_CONFIGURED: 'Dieser Anbieter ist nicht eingerichtet.',
  PROVIDER_REFUSED: 'Der Anbieter hat die Anfrage abgelehnt.',
}

/** Of an error code; undefined: there are none, the server's own must do. */
export function wordsOfCode(code: string): string | undefined {
  const language = currentLanguage()
  if (language === 'en') return undefined
  return (language === 'ru' ? RUSSIAN : GERMAN)[code]
}
