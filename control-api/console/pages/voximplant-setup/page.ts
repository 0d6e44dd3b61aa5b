// Set-up of Voximplant: the accounts that this server may use there.
import { TABS } from '../../components/voximplant/paths.ts'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: TABS.setup,
  load: () => import('./setup-page.tsx'),
})
