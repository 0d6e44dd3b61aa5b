// Dial.
import { DeviceMobileIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/dial',
  nav: {
    order: 40,
    icon: DeviceMobileIcon,
    label: { en: 'Dial', ru: 'Позвонить', de: 'Neuer Anruf' },
  },
  load: () => import('./dial-page.tsx'),
})
