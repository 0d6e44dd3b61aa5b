// Settings: this node, its keys, what it keeps, erases, notes and works on.
import { GearIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'
import { TAB_PATHS } from './tab-paths.ts'

export const page = definePage({
  path: TAB_PATHS,
  nav: {
    order: 100,
    icon: GearIcon,
    label: { en: 'Settings', ru: 'Настройки', de: 'Einstellungen' },
    group: 'server',
  },
  load: () => import('./settings-page.tsx'),
})
