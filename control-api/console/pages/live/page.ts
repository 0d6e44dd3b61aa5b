// Live.
import { BroadcastIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/live',
  nav: {
    order: 30,
    icon: BroadcastIcon,
    label: { en: 'Live', ru: 'Сейчас', de: 'Live' },
  },
  load: () => import('./live-page.tsx'),
})
