// One call on one time axis.
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: '/calls/:call_id',
  load: () => import('./call-page.tsx'),
})
