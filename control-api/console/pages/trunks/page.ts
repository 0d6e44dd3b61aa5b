// Trunks.
import { ServerIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/trunks',
  nav: {
    order: 70,
    icon: ServerIcon,
    label: { en: 'Trunks', ru: 'Транки', de: 'Trunks' },
    group: 'server',
  },
  load: () => import('./trunks-page.tsx'),
})
