// Why an animation failed, and what to do about it.
import { useCallback } from 'react'
import { defineWords } from '../../../words/define-words.ts'
import { currentLanguage } from '../../../words/language.ts'

const useWords = defineWords('media-animation-errors', {
  en: {
    error_auth: 'The provider does not accept the key',
    error_credits: 'There is no credit left at the provider',
    error_permission: 'The provider does not permit it',
    error_invalid_input: 'The provider does not take the request',
    error_bad_image: 'The provider cannot use the photo',
    error_moderation: 'The provider refuses the content',
    error_rate_limited: 'The provider asks to wait',
    error_transient: 'The provider does not answer as it should',
    error_not_found: 'The provider does not know it any more',
    error_unknown: 'The provider failed',
    error_photo: 'The photo cannot be used',
    error_speech: 'The words could not be spoken',
    error_deadline: 'It took too long',
    error_submission_unknown: 'Nobody knows whether it was submitted',
    error_download: 'The video could not be fetched',
    error_damaged_result: 'The video came damaged',
    error_storage: 'The video could not be stored',
    todo_auth: 'Check the key in the settings of the server.',
    todo_credits: 'Buy credits there, then try again.',
    todo_permission: 'Ask for it there, or choose another provider.',
    todo_invalid_input: 'Change words or voice and ask anew.',
    todo_bad_image: 'Take a photo of one face that looks into the camera.',
    todo_moderation: 'Take other words or another photo; trying the same again is refused again.',
    todo_rate_limited: 'It is tried again by itself.',
    todo_transient: 'It is tried again by itself; later it can be tried by hand.',
    todo_not_found: 'Try again: it is submitted anew.',
    todo_unknown: 'Try again; if it fails again, ask the provider.',
    todo_photo: 'Choose another photo, or check the address.',
    todo_speech: 'Check the voice and ElevenLabs, then try again.',
    todo_deadline: 'A late video is still taken. Try again otherwise.',
    todo_submission_unknown:
      'It may have been paid. Look at the provider before you try again: that submits once more.',
    todo_download: 'Try again: the finished video is fetched anew, without paying.',
    todo_damaged_result: 'Try again.',
    todo_storage: 'Check the storage, then try again: the video is fetched anew, without paying.',
  },
  ru: {
    error_auth: 'Поставщик не принимает ключ',
    error_credits: 'У поставщика кончились кредиты',
    error_permission: 'Поставщик этого не разрешает',
    error_invalid_input: 'Поставщик не принимает запрос',
    error_bad_image: 'Фото поставщику не подходит',
    error_moderation: 'Поставщик отклонил содержание',
    error_rate_limited: 'Поставщик просит подождать',
    error_transient: 'Поставщик отвечает не как должен',
    error_not_found: 'Поставщик больше об этом не знает',
    error_unknown: 'Сбой у поставщика',
    error_photo: 'Фото не подходит',
    error_speech: 'Слова не удалось озвучить',
    error_deadline: 'Это заняло слишком много времени',
    error_submission_unknown: 'Неизвестно, дошла ли отправка',
    error_download: 'Видео не удалось скачать',
    error_damaged_result: 'Видео пришло повреждённым',
    error_storage: 'Видео не удалось сохранить',
    todo_auth: 'Проверьте ключ в настройках сервера.',
    todo_credits: 'Пополните счёт у поставщика и повторите.',
    todo_permission: 'Запросите доступ у поставщика или выберите другого.',
    todo_invalid_input: 'Измените слова или голос и запросите снова.',
    todo_bad_image: 'Возьмите фото с одним лицом, смотрящим в камеру.',
    todo_moderation: 'Возьмите другие слова или фото: то же самое снова отклонят.',
    todo_rate_limited: 'Повтор произойдёт сам.',
    todo_transient: 'Повтор произойдёт сам; позже можно повторить вручную.',
    todo_not_found: 'Повторите: запрос уйдёт заново.',
    todo_unknown: 'Повторите; если сбой останется, спросите поставщика.',
    todo_photo: 'Выберите другое фото или проверьте адрес.',
    todo_speech: 'Проверьте голос и ElevenLabs, затем повторите.',
    todo_deadline: 'Позднее видео всё равно будет принято. Иначе повторите.',
    todo_submission_unknown:
      'Возможно, это оплачено. Посмотрите у поставщика, прежде чем повторять: запрос уйдёт ещё раз.',
    todo_download: 'Повторите: готовое видео скачивается снова, без оплаты.',
    todo_damaged_result: 'Повторите.',
    todo_storage: 'Проверьте хранилище и повторите: видео скачается снова, без оплаты.',
  },
  de: {
    error_auth: 'Der Anbieter nimmt den Schlüssel nicht an',
    error_credits: 'Beim Anbieter ist kein Guthaben mehr',
    error_permission: 'Der Anbieter erlaubt es nicht',
    error_invalid_input: 'Der Anbieter nimmt die Anfrage nicht an',
    error_bad_image: 'Der Anbieter kann das Foto nicht brauchen',
    error_moderation: 'Der Anbieter lehnt den Inhalt ab',
    error_rate_limited: 'Der Anbieter bittet zu warten',
    error_transient: 'Der Anbieter antwortet nicht, wie er soll',
    error_not_found: 'Der Anbieter kennt es nicht mehr',
    error_unknown: 'Beim Anbieter ging es schief',
    error_photo: 'Das Foto ist nicht zu brauchen',
    error_speech: 'Die Worte konnten nicht gesprochen werden',
    error_deadline: 'Es hat zu lange gedauert',
    error_submission_unknown: 'Niemand weiß, ob es gesendet wurde',
    error_download: 'Das Video konnte nicht geholt werden',
    error_damaged_result: 'Das Video kam beschädigt an',
    error_storage: 'Das Video konnte nicht gespeichert werden',
    todo_auth: 'Prüfen Sie den Schlüssel in den Einstellungen des Servers.',
    todo_credits: 'Kaufen Sie dort Guthaben, dann wiederholen Sie es.',
    todo_permission: 'Bitten Sie dort darum, oder wählen Sie einen anderen Anbieter.',
    todo_invalid_input: 'Ändern Sie Worte oder Stimme und verlangen Sie es neu.',
    todo_bad_image: 'Nehmen Sie ein Foto mit einem Gesicht, das in die Kamera sieht.',
    todo_moderation:
      'Nehmen Sie andere Worte oder ein anderes Foto; dasselbe wird wieder abgelehnt.',
    todo_rate_limited: 'Es wird von selbst wiederholt.',
    todo_transient: 'Es wird von selbst wiederholt; später geht es auch von Hand.',
    todo_not_found: 'Wiederholen Sie es: Es wird neu gesendet.',
    todo_unknown: 'Wiederholen Sie es; scheitert es wieder, fragen Sie den Anbieter.',
    todo_photo: 'Wählen Sie ein anderes Foto, oder prüfen Sie die Adresse.',
    todo_speech: 'Prüfen Sie die Stimme und ElevenLabs, dann wiederholen Sie es.',
    todo_deadline: 'Ein spätes Video wird noch genommen. Sonst wiederholen Sie es.',
    todo_submission_unknown:
      'Vielleicht ist es bezahlt. Sehen Sie beim Anbieter nach, ehe Sie wiederholen: Das sendet noch einmal.',
    todo_download: 'Wiederholen Sie es: Das fertige Video wird neu geholt, ohne zu bezahlen.',
    todo_damaged_result: 'Wiederholen Sie es.',
    todo_storage:
      'Prüfen Sie den Speicher, dann wiederholen Sie es: Das Video wird neu geholt, ohne zu bezahlen.',
  },
})

/** Those of control-api/media-jobs/animation/animation.ts. */
const ERROR_KINDS = [
  'auth',
  'credits',
  'permission',
  'invalid_input',
  'bad_image',
  'moderation',
  'rate_limited',
  'transient',
  'not_found',
  'unknown',
  'photo',
  'speech',
  'deadline',
  'submission_unknown',
  'download',
  'damaged_result',
  'storage',
] as const

const kindOf = (kind: string): (typeof ERROR_KINDS)[number] =>
  ERROR_KINDS.find((one) => one === kind) ?? 'unknown'

export function useErrorTitle(): (kind: string) => string {
  const say = useWords()
  return useCallback((kind) => say(`error_${kindOf(kind)}`), [say])
}

/** Undefined in English: there the server's own words say it. */
export function useAdvice(): (kind: string) => string | undefined {
  const say = useWords()
  return useCallback(
    (kind) => (currentLanguage() === 'en' ? undefined : say(`todo_${kindOf(kind)}`)),
    [say],
  )
}
