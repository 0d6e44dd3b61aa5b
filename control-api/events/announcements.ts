// Live messages about this node, not about a call: told to whoever listens now, kept nowhere.
import type { EpochMs } from '#core/contracts'
import type { Clock } from '#core/time'

export interface Announcement {
  /** Such as `trunk.changed`. */
  readonly type: string
  readonly at: EpochMs
  /** Plain JSON; nothing that a viewer may not see. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface Announcements {
  /** Returns at once, whoever listens. */
  announce(type: string, data: Record<string, unknown>): void
  /** @returns ends it */
  subscribe(listener: (announcement: Announcement) => void): () => void
}

/** @param report told when a listener throws; the others are told all the same */
export function createAnnouncements(clock: Clock, report: (error: unknown) => void): Announcements {
  const listeners = new Set<(announcement: Announcement) => void>()
  return {
    announce(type, data) {
      const announcement: Announcement = { type, at: clock.now(), data }
      for (const listener of listeners) {
        try {
          listener(announcement)
        } catch (error) {
          report(error)
        }
      }
    },
    subscribe(listener) {
      // Its own: the same function may listen twice, and end one of both.
      const own = (announcement: Announcement): void => listener(announcement)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}
