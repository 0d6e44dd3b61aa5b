// Calls of Voximplant, application by application: what they came to, their sound and words, and how they get here.
import { CloudIcon } from '@primer/octicons-react'
import { TABS, VOXIMPLANT } from '../../components/voximplant/paths.ts'
import { definePage } from '../../shell/page.ts'

export const page = definePage({
  path: TABS.history,
  nav: {
    order: 55,
    icon: CloudIcon,
    label: { en: 'Voximplant', ru: 'Voximplant', de: 'Voximplant' },
    beneath: VOXIMPLANT,
  },
  load: () => import('./history-page.tsx'),
})
