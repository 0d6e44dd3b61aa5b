// Agents.
import { DependabotIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/agents',
  nav: {
    order: 60,
    icon: DependabotIcon,
    label: { en: 'Agents', ru: 'Агенты', de: 'Agenten' },
    group: 'server',
  },
  load: () => import('./agents-page.tsx'),
})
