// Where one is among the pages that belong together: each has an address of its own.
import { useEffect, useRef, type ReactNode } from 'react'
import { Link } from 'wouter'
import classes from './page-tabs.module.css'

interface PageTab {
  readonly name: string
  readonly href: string
  readonly isHere: boolean
  readonly label: ReactNode
}

interface PageTabsProps {
  /** Of all of them, for readers of screens. */
  readonly label: string
  readonly tabs: readonly PageTab[]
}

/** Each address draws the page anew; the keyboard stays where it was. */
const wasPressed = { now: false }

export function PageTabs({ label, tabs }: PageTabsProps) {
  const current = useRef<HTMLAnchorElement>(null)
  const here = tabs.find(({ isHere }) => isHere)?.name
  useEffect(() => {
    if (wasPressed.now) current.current?.focus({ preventScroll: true })
    wasPressed.now = false
  }, [here])
  return (
    <nav aria-label={label} className={classes['tabs']}>
      {tabs.map((tab) => (
        <Link
          key={tab.name}
          href={tab.href}
          ref={tab.isHere ? current : null}
          className={classes['tab']}
          aria-current={tab.isHere ? 'page' : undefined}
          onClick={() => (wasPressed.now = true)}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  )
}
