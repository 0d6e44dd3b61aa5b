// Overview.
import { HomeIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/',
  nav: {
    order: 10,
    icon: HomeIcon,
    label: { en: 'Overview', ru: 'Обзор', de: 'Übersicht' },
  },
  load: () => import('./overview-page.tsx'),
})
