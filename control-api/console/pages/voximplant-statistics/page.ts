// Statistics of the calls of Voximplant.
import { TABS } from '../../components/voximplant/paths.ts'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: TABS.statistics,
  load: () => import('./statistics-page.tsx'),
})
