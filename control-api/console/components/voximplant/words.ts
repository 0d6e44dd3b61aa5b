// Words that the pages of Voximplant share.
import { defineWords } from '../../words/define-words.ts'

export const useVoximplant = defineWords('voximplant', {
  en: {
    tabs: 'Pages of Voximplant',
    history: 'Call history',
    statistics: 'Statistics',
    applications: 'Applications',
    setup: 'Set-up',
    title_of: 'Voximplant: {{page}}',
    application: 'Application',
    all_applications: 'All applications',
    no_application: 'no longer here',
    no_accounts: 'No account of Voximplant yet',
    no_accounts_hint:
      'Add the account first: with its API key, or with the key file of a service account.',
    to_setup: 'To the set-up',
    no_applications: 'No application yet',
    no_applications_hint:
      'An application links a number of Voximplant to an agent. Its calls are then shown here.',
    to_applications: 'To the applications',
  },
  ru: {
    tabs: 'Страницы Voximplant',
    history: 'История звонков',
    statistics: 'Статистика',
    applications: 'Приложения',
    setup: 'Настройка',
    title_of: 'Voximplant: {{page}}',
    application: 'Приложение',
    all_applications: 'Все приложения',
    no_application: 'его здесь больше нет',
    no_accounts: 'Аккаунта Voximplant ещё нет',
    no_accounts_hint:
      'Сначала добавьте аккаунт: с его ключом API или с файлом ключа сервисного аккаунта.',
    to_setup: 'К настройке',
    no_applications: 'Приложений ещё нет',
    no_applications_hint:
      'Приложение связывает номер Voximplant с агентом. После этого здесь появятся его звонки.',
    to_applications: 'К приложениям',
  },
  de: {
    tabs: 'Seiten von Voximplant',
    history: 'Anrufliste',
    statistics: 'Statistik',
    applications: 'Anwendungen',
    setup: 'Einrichtung',
    title_of: 'Voximplant: {{page}}',
    application: 'Anwendung',
    all_applications: 'Alle Anwendungen',
    no_application: 'nicht mehr da',
    no_accounts: 'Noch kein Konto bei Voximplant',
    no_accounts_hint:
      'Fügen Sie zuerst das Konto hinzu: mit seinem API-Schlüssel oder mit der Schlüsseldatei eines Dienstkontos.',
    to_setup: 'Zur Einrichtung',
    no_applications: 'Noch keine Anwendung',
    no_applications_hint:
      'Eine Anwendung verbindet eine Nummer von Voximplant mit einem Agenten. Ihre Anrufe stehen dann hier.',
    to_applications: 'Zu den Anwendungen',
  },
})
