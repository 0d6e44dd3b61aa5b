// Words of the page as a whole.
import { defineWords } from '../../words/define-words.ts'

export const useMediaWords = defineWords('media', {
  en: {
    title: 'Media',
    tabs: 'Photos and videos, or animations',
    files: 'Photos and videos',
    animations: 'Animations',
    animate: 'Animate',
    animate_of: 'Animate {{name}}',
    no_provider: 'No provider of animations is configured.',
    cannot_play: 'This browser cannot play the file. Download it, or convert it for every browser.',
  },
  ru: {
    title: 'Медиа',
    tabs: 'Фото и видео или оживления',
    files: 'Фото и видео',
    animations: 'Оживления',
    animate: 'Оживить',
    animate_of: 'Оживить {{name}}',
    no_provider: 'Ни один поставщик оживления не настроен.',
    cannot_play:
      'Этот браузер не воспроизводит файл. Скачайте его или преобразуйте для всех браузеров.',
  },
  de: {
    title: 'Medien',
    tabs: 'Fotos und Videos oder Belebungen',
    files: 'Fotos und Videos',
    animations: 'Belebungen',
    animate: 'Beleben',
    animate_of: '{{name}} beleben',
    no_provider: 'Kein Anbieter für Belebungen ist eingerichtet.',
    cannot_play:
      'Dieser Browser kann die Datei nicht abspielen. Laden Sie sie herunter, oder wandeln Sie sie für jeden Browser um.',
  },
})
