// What stands around each page of Voximplant: its title, and where the others are.
import { useEffect, useRef, type ReactNode } from 'react'
import { Link } from 'wouter'
import { useLive } from '../../live/live.tsx'
import classes from '../../pages/settings/tabs.module.css'
import { PageFrame } from '../page-frame.tsx'
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
      <Tabs here={here} />
      {children}
    </PageFrame>
  )
}

/** Each is a page of its own; the keyboard stays where it was. */
const wasPressed = { now: false }

function Tabs({ here }: { readonly here: TabName }) {
  const say = useVoximplant()
  const current = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (wasPressed.now) current.current?.focus({ preventScroll: true })
    wasPressed.now = false
  }, [here])
  return (
    <nav aria-label={say('tabs')} className={classes['tabs']}>
      {TAB_NAMES.map((name) => (
        <Link
          key={name}
          href={TABS[name]}
          ref={name === here ? current : null}
          className={classes['tab']}
          aria-current={name === here ? 'page' : undefined}
          onClick={() => (wasPressed.now = true)}
        >
          {say(name)}
        </Link>
      ))}
    </nav>
  )
}
