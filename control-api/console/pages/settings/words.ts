// Words of the frame of the settings.
import { defineWords } from '../../words/define-words.ts'

export const useSettings = defineWords('settings', {
  en: {
    title: 'Settings',
    title_of: 'Settings: {{tab}}',
    tabs: 'Parts of the settings',
    node: 'This node',
    keys: 'Keys and roles',
    retention: 'Retention',
    erasures: 'Erase a number',
    audit: 'Audit log',
    jobs: 'Jobs',
    secrets: 'Secrets',
    for_admins: 'for administrators',
    by_environment:
      'These are read from .env and the environment when voicegate starts. To change one, edit it there and restart.',
  },
  ru: {
    title: 'Настройки',
    title_of: 'Настройки: {{tab}}',
    tabs: 'Разделы настроек',
    node: 'Этот узел',
    keys: 'Ключи и роли',
    retention: 'Хранение',
    erasures: 'Стереть номер',
    audit: 'Журнал действий',
    jobs: 'Задания',
    secrets: 'Секреты',
    for_admins: 'для администраторов',
    by_environment:
      'Читаются из .env и окружения при запуске voicegate. Чтобы изменить, исправьте там и запустите заново.',
  },
  de: {
    title: 'Einstellungen',
    title_of: 'Einstellungen: {{tab}}',
    tabs: 'Teile der Einstellungen',
    node: 'Dieser Knoten',
    keys: 'Schlüssel und Rollen',
    retention: 'Aufbewahrung',
    erasures: 'Nummer löschen',
    audit: 'Audit-Protokoll',
    jobs: 'Aufträge',
    secrets: 'Geheimnisse',
    for_admins: 'für Administratoren',
    by_environment:
      'Sie werden beim Start von voicegate aus .env und der Umgebung gelesen. Zum Ändern dort eintragen und neu starten.',
  },
})
