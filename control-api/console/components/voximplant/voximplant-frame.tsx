// What stands around each page of Voximplant: its title, and where the others are.
import type { ReactNode } from 'react'
import { useLive } from '../../live/live.tsx'
import { PageFrame } from '../page-frame.tsx'
import { PageTabs } from '../page-tabs.tsx'
import { TAB_NAMES, TABS, type TabName } from './paths.ts'
import { hearVoximplant } from './queries.ts'
import { useVoximplant } from './words.ts'

interface VoximplantFrameProps {
  readonly here: TabName
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function VoximplantFrame({ here, actions, children }: VoximplantFrameProps) {
  const say = useVoximplant()
  useLive(hearVoximplant)
  return (
    <PageFrame title={say('title_of', { page: say(here) })} actions={actions}>
      <PageTabs
        label={say('tabs')}
        tabs={TAB_NAMES.map((name) => ({
          ...{ name, href: TABS[name], label: say(name) },
          isHere: name === here,
        }))}
      />
      {children}
    </PageFrame>
  )
}
