// Which agent audio is still wanted after the caller has spoken into it. Implementations in the wild disagree, so the
// rule plays when in doubt: below the interrupted id never, at it only if it is new, above it always.

/** More answers than any conversation has; the oldest are forgotten first. */
const MAX_REMEMBERED = 1024

export interface InterruptionFilter {
  interrupted(eventId: number): void
  /** Whether a chunk is to be heard. A chunk without an id always is. */
  accepts(eventId: number | undefined): boolean
}

export function createInterruptionFilter(): InterruptionFilter {
  const seen = new Set<number>()
  /** Asked about last: the chunks of one answer follow each other. */
  let newest: number | undefined
  let interruptedAt: number | undefined
  /** Audio of the interrupted id had come before the interruption: what follows under that id is stale. */
  let wasSeen = false
  return {
    interrupted(eventId) {
      // Ids do not fall; one that does must not bring stale audio back.
      if (interruptedAt !== undefined && eventId < interruptedAt) return
      interruptedAt = eventId
      wasSeen = seen.has(eventId)
    },
    accepts(eventId) {
      if (eventId === undefined) return true
      if (interruptedAt !== undefined) {
        if (eventId < interruptedAt) return false
        if (eventId === interruptedAt && wasSeen) return false
      }
      if (eventId === newest) return true
      newest = eventId
      seen.add(eventId)
      if (seen.size > MAX_REMEMBERED) forgetOldest(seen)
      return true
    },
  }
}

function forgetOldest(seen: Set<number>): void {
  for (const oldest of seen) {
    seen.delete(oldest)
    return
  }
}
