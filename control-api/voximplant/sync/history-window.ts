// One stretch of time of the history, page by page, until what was read is what the vendor says that there is.
import { setTimeout as sleep } from 'node:timers/promises'
import type { HistoryPage, HistorySession, VendorAnswer } from '../vendor/vendor-answer.ts'

export const PAGE = 1000
/** `offset` takes no more, and each page of a long list costs the vendor more than the one before. */
export const MOST_OF_A_WINDOW = 5000
const MOST_OFFSET = 10_000
/** Calls come and go while somebody pages. */
const MOST_READS_AGAIN = 3
const PAUSE_MS = 250

export interface Window {
  /** Inclusive, whole seconds. */
  readonly from: number
  /** Exclusive. */
  readonly before: number
}

export interface WindowReading {
  /** The page behind an offset. */
  page(offset: number): Promise<VendorAnswer<HistoryPage>>
  /** One after the other; the next page is asked for meanwhile. */
  take(sessions: readonly HistorySession[]): Promise<void>
  readonly signal: AbortSignal
  readonly pauseMs?: number
}

export type WindowEnd =
  | {
      readonly kind: 'read'
      /** Different sessions. */
      readonly count: number
      /** Of pages that never came to what the vendor said, or could not be read: in words. */
      readonly trouble: string | null
    }
  /** More than can be paged through. */
  | { readonly kind: 'too-many' }
  | { readonly kind: 'refused' | 'failed'; readonly answer: Exclude<Answer, { kind: 'ok' }> }

type Answer = VendorAnswer<HistoryPage>

interface Pass {
  readonly distinct: ReadonlySet<string>
  readonly totals: readonly (number | null)[]
  readonly unreadable: number
}

/** Of an hour that the clocks of a zone say twice, sessions may come from the other one. */
const SLACK_MS = 7_200_000

/** Without sessions that nobody asked for: they count as those that could not be read. */
export function ofWindow(page: HistoryPage, { from, before }: Window): HistoryPage {
  const sessions = page.sessions.filter(
    ({ startedAt: at }) => at >= from - SLACK_MS && at < before + SLACK_MS,
  )
  const dropped = page.sessions.length - sessions.length
  return dropped === 0 ? page : { ...page, sessions, unreadable: page.unreadable + dropped }
}

/** @param canSplit false: it is a second, and read as far as offsets go */
export async function readWindow(reading: WindowReading, canSplit: boolean): Promise<WindowEnd> {
  const seen = new Set<string>()
  for (let again = 0; ; again += 1) {
    const pass = await readPages(reading, canSplit, seen)
    if ('kind' in pass) return pass
    const trouble = troubleOf(pass)
    if (trouble === null || again >= MOST_READS_AGAIN)
      return { kind: 'read', count: seen.size, trouble }
    await sleep(reading.pauseMs ?? PAUSE_MS, undefined, { signal: reading.signal })
  }
}

async function readPages(
  reading: WindowReading,
  canSplit: boolean,
  seen: Set<string>,
): Promise<Pass | Exclude<WindowEnd, { kind: 'read' }>> {
  const distinct = new Set<string>()
  const totals: (number | null)[] = []
  let unreadable = 0
  let taken: Promise<void> = Promise.resolve()
  try {
    for (let offset = 0; ; offset += PAGE) {
      reading.signal.throwIfAborted()
      const answer = await reading.page(offset)
      await taken
      if (answer.kind !== 'ok')
        return { kind: answer.kind === 'refused' ? 'refused' : 'failed', answer }
      const { sessions, total } = answer.value
      if (canSplit && (total ?? 0) > MOST_OF_A_WINDOW) return { kind: 'too-many' }
      totals.push(total)
      unreadable += answer.value.unreadable
      for (const { sessionId } of sessions) {
        distinct.add(sessionId)
        seen.add(sessionId)
      }
      taken = reading.take(sessions)
      // Told below; unhandled it would end the process while the next page is on its way.
      taken.catch(() => undefined)
      const came = sessions.length + answer.value.unreadable
      const isLast = total === null ? came < PAGE : offset + PAGE >= total || came === 0
      if (isLast || offset + PAGE > MOST_OFFSET) return { distinct, totals, unreadable }
    }
  } finally {
    await taken
  }
}

/** Null: all that there is was read. */
function troubleOf({ distinct, totals, unreadable }: Pass): string | null {
  if (unreadable > 0) return `${unreadable} sessions that Voximplant sent could not be read`
  const told = totals.filter((total) => total !== null)
  const [least, most] = [Math.min(...told), Math.max(...told)]
  // One that came and one that went leave the number as it was: each page has to say the same.
  if (told.length === 0 || (least === most && distinct.size === most)) return null
  const said = least === most ? `${most}` : `${least} to ${most}`
  return `Voximplant says that there are ${said} sessions, and sent ${distinct.size}`
}
