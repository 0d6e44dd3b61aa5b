// Words of the secrets that are kept encrypted.
import { defineWords } from '../../../words/define-words.ts'

export const useSecrets = defineWords('settings-secrets', {
  en: {
    title: 'Secrets of others',
    about:
      'Secrets that must be used again, such as those that sign webhooks, are kept encrypted. The first key of SECRETS_KEY encrypts; it stands in the environment alone, and nobody can read a secret here.',
    about_role:
      'Nobody can read a secret here; only an administrator may see how they are kept and encrypt them anew.',
    none: 'No key is set',
    none_hint:
      'Without SECRETS_KEY no secret can be kept, so no webhook can be set up. Make one with openssl rand -base64 32, write it into .env and restart.',
    active: 'Encrypts with the key',
    kept: 'Secrets kept',
    by_key: 'Secrets by key',
    key: 'Key',
    secrets: 'Secrets',
    use: 'What it is for',
    use_active: 'encrypts what is new',
    use_former: 'still needed',
    use_unused: 'nothing needs it: take it out of SECRETS_KEY',
    use_missing: 'missing: these cannot be opened',
    unopened:
      'Some secrets cannot be opened: their key was taken out of SECRETS_KEY too early, or they were altered. Put the key back.',
    all_well: 'Every secret opens with the keys that are set.',
    examine: 'Examine again',
    rotate: 'Encrypt all anew',
    rotate_what:
      'Every kept secret is encrypted by the first key of SECRETS_KEY. Nothing changes for those who use them. Afterwards the former keys may be taken out of SECRETS_KEY.',
    rotated_one: '{{count}} secret was encrypted anew.',
    rotated_other: '{{count}} secrets were encrypted anew.',
    nothing_to_rotate: 'All of them are encrypted by the first key already.',
    change: 'How to change the key',
    change_what:
      'Put the new key in front, restart, then encrypt all anew here; once this page says that nothing needs the former key, take it out. A backup needs the key of its time.',
  },
  ru: {
    title: 'Чужие секреты',
    about:
      'Секреты, которые нужны снова, — например, для подписи вебхуков — хранятся зашифрованными. Шифрует первый ключ из SECRETS_KEY; он есть только в окружении, и прочитать секрет здесь не может никто.',
    about_role:
      'Прочитать секрет здесь не может никто; видеть, как они хранятся, и перешифровать их может администратор.',
    none: 'Ключ не задан',
    none_hint:
      'Без SECRETS_KEY секреты не хранятся, и вебхук не завести. Создайте ключ: openssl rand -base64 32, впишите в .env и запустите заново.',
    active: 'Шифрует ключ',
    kept: 'Секретов хранится',
    by_key: 'Секреты по ключам',
    key: 'Ключ',
    secrets: 'Секреты',
    use: 'Для чего',
    use_active: 'шифрует новое',
    use_former: 'ещё нужен',
    use_unused: 'больше не нужен: уберите из SECRETS_KEY',
    use_missing: 'нет ключа: эти не открыть',
    unopened:
      'Часть секретов не открывается: их ключ убран из SECRETS_KEY слишком рано или они изменены. Верните ключ.',
    all_well: 'Все секреты открываются заданными ключами.',
    examine: 'Проверить снова',
    rotate: 'Перешифровать все',
    rotate_what:
      'Каждый секрет будет зашифрован первым ключом из SECRETS_KEY. Для тех, кто ими пользуется, ничего не изменится. После этого прежние ключи можно убрать из SECRETS_KEY.',
    rotated_one: 'Перешифрован {{count}} секрет.',
    rotated_few: 'Перешифровано {{count}} секрета.',
    rotated_many: 'Перешифровано {{count}} секретов.',
    rotated_other: 'Перешифровано {{count}} секрета.',
    nothing_to_rotate: 'Все уже зашифрованы первым ключом.',
    change: 'Как сменить ключ',
    change_what:
      'Поставьте новый ключ первым, запустите заново и перешифруйте все здесь; когда эта страница скажет, что прежний больше не нужен, уберите его. Резервной копии нужен ключ её времени.',
  },
  de: {
    title: 'Geheimnisse anderer',
    about:
      'Geheimnisse, die wieder gebraucht werden, etwa zum Signieren von Webhooks, werden verschlüsselt aufbewahrt. Der erste Schlüssel von SECRETS_KEY verschlüsselt; er steht nur in der Umgebung, und niemand kann hier ein Geheimnis lesen.',
    about_role:
      'Lesen kann hier niemand ein Geheimnis; wie sie aufbewahrt sind, sieht ein Administrator, und er kann sie neu verschlüsseln.',
    none: 'Kein Schlüssel ist gesetzt',
    none_hint:
      'Ohne SECRETS_KEY kann kein Geheimnis aufbewahrt und kein Webhook eingerichtet werden. Erzeugen Sie einen mit openssl rand -base64 32, schreiben Sie ihn in .env und starten Sie neu.',
    active: 'Verschlüsselt mit dem Schlüssel',
    kept: 'Aufbewahrte Geheimnisse',
    by_key: 'Geheimnisse nach Schlüssel',
    key: 'Schlüssel',
    secrets: 'Geheimnisse',
    use: 'Wofür',
    use_active: 'verschlüsselt Neues',
    use_former: 'noch gebraucht',
    use_unused: 'nichts braucht ihn: aus SECRETS_KEY nehmen',
    use_missing: 'fehlt: diese lassen sich nicht öffnen',
    unopened:
      'Einige Geheimnisse lassen sich nicht öffnen: Ihr Schlüssel wurde zu früh aus SECRETS_KEY genommen, oder sie wurden verändert. Setzen Sie den Schlüssel wieder ein.',
    all_well: 'Jedes Geheimnis öffnet sich mit den gesetzten Schlüsseln.',
    examine: 'Noch einmal prüfen',
    rotate: 'Alle neu verschlüsseln',
    rotate_what:
      'Jedes aufbewahrte Geheimnis wird mit dem ersten Schlüssel von SECRETS_KEY verschlüsselt. Für die, die sie benutzen, ändert sich nichts. Danach dürfen die früheren Schlüssel aus SECRETS_KEY.',
    rotated_one: '{{count}} Geheimnis wurde neu verschlüsselt.',
    rotated_other: '{{count}} Geheimnisse wurden neu verschlüsselt.',
    nothing_to_rotate: 'Alle sind schon mit dem ersten Schlüssel verschlüsselt.',
    change: 'So wird der Schlüssel gewechselt',
    change_what:
      'Den neuen nach vorn setzen, neu starten, dann hier alle neu verschlüsseln; sagt diese Seite, dass nichts mehr den früheren braucht, nehmen Sie ihn heraus. Eine Sicherung braucht den Schlüssel ihrer Zeit.',
  },
})
