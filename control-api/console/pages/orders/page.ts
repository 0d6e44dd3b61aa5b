// Orders that callers confirmed by keypad.
import { PackageIcon } from '@primer/octicons-react'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/orders',
  nav: {
    order: 45,
    icon: PackageIcon,
    label: { en: 'Orders', ru: 'Заказы', de: 'Bestellungen' },
  },
  load: () => import('./orders-page.tsx'),
})
