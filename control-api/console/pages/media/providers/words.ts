// Words of those who animate.
import { defineWords } from '../../../words/define-words.ts'

export const useProviderWords = defineWords('media-providers', {
  en: {
    providers: 'Providers',
    none: 'No provider of animations is configured',
    none_hint:
      'Photos and videos can be added and looked at. To animate photos, give the key of D-ID or of HeyGen and start voicegate again:',
    none_more: 'With both keys, USE_HEYGEN says which is the default.',
    no_tools: 'ffmpeg is missing on the server',
    no_tools_hint:
      'Photos are taken. Videos are refused, and nothing is animated, since nobody could check what comes back. Install it there; no restart is needed:',
    default: 'default',
    simulated: 'simulated',
    simulated_hint: 'A simulator of voicegate: nothing is paid.',
    not_configured: 'not configured',
    'configure_d-id': 'Set DID_API_KEY to use it.',
    configure_heygen: 'Set HEYGEN_API_KEY to use it.',
    busy: '{{active}} of {{most}} places taken.',
    voice: 'Default voice: {{voice}}.',
    balance: 'Check the balance',
    balance_of: 'Check the balance at {{name}}',
    balance_left: '{{remaining}} {{unit}} left. The key works.',
    balance_untold: 'The key works; how much is left it does not say.',
  },
  ru: {
    providers: 'Поставщики',
    none: 'Ни один поставщик оживления не настроен',
    none_hint:
      'Фото и видео можно добавлять и смотреть. Чтобы оживлять фото, задайте ключ D-ID или HeyGen и перезапустите voicegate:',
    none_more: 'Если ключа два, обычного поставщика выбирает USE_HEYGEN.',
    no_tools: 'На сервере нет ffmpeg',
    no_tools_hint:
      'Фото принимаются. Видео отклоняются, и ничего не оживляется: проверить результат нечем. Установите его там; перезапуск не нужен:',
    default: 'обычный',
    simulated: 'имитация',
    simulated_hint: 'Имитатор voicegate: платить не нужно.',
    not_configured: 'не настроен',
    'configure_d-id': 'Чтобы им пользоваться, задайте DID_API_KEY.',
    configure_heygen: 'Чтобы им пользоваться, задайте HEYGEN_API_KEY.',
    busy: 'Занято мест: {{active}} из {{most}}.',
    voice: 'Обычный голос: {{voice}}.',
    balance: 'Узнать остаток',
    balance_of: 'Узнать остаток у {{name}}',
    balance_left: 'Осталось {{remaining}} {{unit}}. Ключ действует.',
    balance_untold: 'Ключ действует; сколько осталось, не сообщается.',
  },
  de: {
    providers: 'Anbieter',
    none: 'Kein Anbieter für Belebungen ist eingerichtet',
    none_hint:
      'Fotos und Videos lassen sich hinzufügen und ansehen. Um Fotos zu beleben, geben Sie den Schlüssel von D-ID oder HeyGen an und starten voicegate neu:',
    none_more: 'Mit beiden Schlüsseln sagt USE_HEYGEN, wer der übliche ist.',
    no_tools: 'Auf dem Server fehlt ffmpeg',
    no_tools_hint:
      'Fotos werden genommen. Videos werden abgelehnt, und nichts wird belebt, denn niemand könnte das Ergebnis prüfen. Installieren Sie es dort; ein Neustart ist nicht nötig:',
    default: 'üblich',
    simulated: 'simuliert',
    simulated_hint: 'Ein Simulator von voicegate: Es wird nichts bezahlt.',
    not_configured: 'nicht eingerichtet',
    'configure_d-id': 'Dafür DID_API_KEY setzen.',
    configure_heygen: 'Dafür HEYGEN_API_KEY setzen.',
    busy: '{{active}} von {{most}} Plätzen belegt.',
    voice: 'Übliche Stimme: {{voice}}.',
    balance: 'Guthaben prüfen',
    balance_of: 'Guthaben bei {{name}} prüfen',
    balance_left: 'Noch {{remaining}} {{unit}}. Der Schlüssel gilt.',
    balance_untold: 'Der Schlüssel gilt; wie viel übrig ist, sagt er nicht.',
  },
})
