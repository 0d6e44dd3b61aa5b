// Photos and videos: taken in, looked at, made to speak.
import { VideoIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'
import { TABS } from './paths.ts'

export const page = definePage({
  path: [TABS.files, TABS.animations],
  nav: {
    order: 57,
    icon: VideoIcon,
    label: { en: 'Media', ru: 'Медиа', de: 'Medien' },
  },
  load: () => import('./media-page.tsx'),
})
