// Calls.
import { ListUnorderedIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/calls',
  nav: {
    order: 20,
    icon: ListUnorderedIcon,
    label: { en: 'Calls', ru: 'Звонки', de: 'Anrufe' },
  },
  load: () => import('./calls-page.tsx'),
})
