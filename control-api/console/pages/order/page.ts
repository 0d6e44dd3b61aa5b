// One order: how it stands, and all that happened to it.
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/orders/:order_id',
  load: () => import('./order-page.tsx'),
})
