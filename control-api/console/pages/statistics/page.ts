// Statistics.
import { GraphIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/statistics',
  nav: {
    order: 50,
    icon: GraphIcon,
    label: { en: 'Statistics', ru: 'Статистика', de: 'Statistik' },
  },
  load: () => import('./statistics-page.tsx'),
})
