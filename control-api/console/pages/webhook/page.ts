// One webhook endpoint: what it is told, and what came of it.
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/webhooks/:endpoint_id',
  load: () => import('./webhook-page.tsx'),
})
