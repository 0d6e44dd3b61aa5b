// Coming to another page: one begins at its top, and at its heading, which is read aloud to those who hear the page.
import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'

/** A heading may come later than its page, with what it names; somebody who has gone on by then is left alone. */
const HEADING_MS = 10_000

/** Before the page, inside of what waits for it: drawn when the page is. */
export function Arrived() {
  const [path] = useLocation()
  const cameFrom = useRef(path)
  useEffect(() => {
    if (cameFrom.current === path) return undefined
    cameFrom.current = path
    // From one tab of a page to another: whoever goes on there with the keyboard stays there.
    if (document.activeElement?.closest('#page > *')) return undefined
    scrollTo(0, 0)
    return focusHeading()
  }, [path])
  return null
}

function focusHeading(): (() => void) | undefined {
  const page = document.querySelector<HTMLElement>('#page')
  if (page === null || focusOn(page)) return undefined
  page.focus({ preventScroll: true })
  const look = new MutationObserver(() => {
    if (document.activeElement !== page || focusOn(page)) stop()
  })
  const stop = (): void => {
    clearTimeout(timer)
    look.disconnect()
  }
  const timer = setTimeout(stop, HEADING_MS)
  look.observe(page, { childList: true, subtree: true })
  return stop
}

function focusOn(page: HTMLElement): boolean {
  const heading = page.querySelector('h1')
  if (heading === null) return false
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
  return true
}
