// Where one is among the settings, and which parts need more than one's key may do.
import { useEffect, useRef } from 'react'
import { VisuallyHidden } from '@mantine/core'
import { LockIcon } from '@primer/octicons-react'
import { Link } from 'wouter'
import { useMay } from '../../session/session.tsx'
import { TAB_NAMES, TABS, type TabName } from './tab-paths.ts'
import classes from './tabs.module.css'
import { useSettings } from './words.ts'

const FOR_EVERYBODY: ReadonlySet<TabName> = new Set<TabName>(['node', 'retention'])
/** Each address draws the page anew; the keyboard stays where it was. */
const wasPressed = { now: false }

export function Tabs({ here }: { readonly here: TabName }) {
  const say = useSettings()
  const may = useMay('admin')
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
          {!may && !FOR_EVERYBODY.has(name) && (
            <>
              <LockIcon size={12} />
              <VisuallyHidden>{say('for_admins')}</VisuallyHidden>
            </>
          )}
        </Link>
      ))}
    </nav>
  )
}
