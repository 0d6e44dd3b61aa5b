// The clock of a page that shows how long something has lasted.
import { useEffect, useState } from 'react'

/** @param isTicking false: nothing goes on, and the time stands still */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isTicking) return undefined
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isTicking])
  return now
}
