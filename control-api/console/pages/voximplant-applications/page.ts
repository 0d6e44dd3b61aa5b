// Applications of Voximplant: which number is answered by which agent, and the scenario that does it.
import { TABS } from '../../components/voximplant/paths.ts'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: TABS.applications,
  load: () => import('./applications-page.tsx'),
})
