// Rehearsal.
import { BeakerIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/rehearsal',
  nav: {
    order: 90,
    icon: BeakerIcon,
    label: { en: 'Rehearsal', ru: 'Репетиция', de: 'Probe' },
    group: 'server',
  },
  load: () => import('./rehearsal-page.tsx'),
})
