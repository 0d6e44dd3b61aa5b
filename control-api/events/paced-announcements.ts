// Announcements of what changes often: each said at once, and again at most so often, however often it is asked for.
import type { Announcements } from './announcements.ts'

export interface PacedAnnouncements extends Pick<Announcements, 'announce'> {
  /** What waits to be said again is not said. */
  close(): void
}

interface Pause {
  isAskedAgain: boolean
  timer: NodeJS.Timeout
}

const EVERY_MS = 1000

/** For data that names what changed and does not say how: the same data is said once for several changes. */
export function paceAnnouncements(
  announcements: Pick<Announcements, 'announce'>,
  everyMs = EVERY_MS,
): PacedAnnouncements {
  // As many as things that changed within the pause.
  const pauses = new Map<string, Pause>()
  const begin = (key: string, say: () => void): void => {
    const timer = setTimeout(() => {
      const isAskedAgain = pauses.get(key)?.isAskedAgain === true
      pauses.delete(key)
      if (!isAskedAgain) return
      begin(key, say)
      say()
    }, everyMs).unref()
    pauses.set(key, { isAskedAgain: false, timer })
  }
  let isClosed = false
  return {
    announce(type, data) {
      if (isClosed) return
      const key = `${type} ${JSON.stringify(data)}`
      const pause = pauses.get(key)
      if (pause) {
        pause.isAskedAgain = true
        return
      }
      const say = (): void => announcements.announce(type, data)
      begin(key, say)
      say()
    },
    close() {
      isClosed = true
      for (const { timer } of pauses.values()) clearTimeout(timer)
      pauses.clear()
    },
  }
}
