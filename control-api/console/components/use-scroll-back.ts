// Back at a list: as far down as one was when one of it was opened.
import { useEffect, useRef, useState } from 'react'

/** Once, when the rows that were seen are there again: the frame begins every page at its top. */
export function useScrollBack(to: number, isThere: boolean): void {
  const [target] = useState(to)
  const isDone = useRef(to === 0)
  useEffect(() => {
    if (isDone.current || !isThere) return
    isDone.current = true
    requestAnimationFrame(() => scrollTo(0, target))
  }, [isThere, target])
}
