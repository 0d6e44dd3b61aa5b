// A rung of the ladder: who said what to whom, and when. What it is made of differs (timeline, rehearsal); this does not.
import type { LadderWord } from './words.ts'

/** In our words, or as the wire has it (`486 Busy Here`). */
export type LadderLabel =
  | string
  | { readonly word: LadderWord; readonly values?: Readonly<Record<string, string | number>> }

export type LadderTone = 'plain' | 'good' | 'warn' | 'bad'

export interface LadderEntry {
  readonly offset_ms: number
  readonly lane: 'carrier-gateway' | 'gateway-agent'
  /** `right` is from carrier towards agent; a `note` is the gateway's own. */
  readonly direction: 'right' | 'left' | 'note'
  readonly label: LadderLabel
  readonly tone?: LadderTone
  /** From here on the agent is paid for, or no more. */
  readonly agent?: 'opens' | 'closes'
}

export interface DrawnEntry {
  readonly key: string
  readonly entry: LadderEntry
  /** While it passes the agent's line stands for money. */
  readonly isPaid: boolean
  /** How long nothing was said before it: drawn as room, not to scale. */
  readonly pause: 0 | 1 | 2 | 3
}

const PAUSES_MS = [150, 1000, 5000] as const

/** In order of time, each with what stands around it. Several of one moment keep their order. */
export function drawnEntries(entries: readonly LadderEntry[]): readonly DrawnEntry[] {
  const sorted = entries.toSorted((one, other) => one.offset_ms - other.offset_ms)
  const seen = new Map<string, number>()
  let isPaid = false
  let before: number | undefined
  return sorted.map((entry) => {
    if (entry.agent === 'opens') isPaid = true
    const pauseMs = before === undefined ? 0 : entry.offset_ms - before
    before = entry.offset_ms
    const drawn = {
      key: uniqueKey(entry, seen),
      entry,
      isPaid,
      pause: PAUSES_MS.filter((limit) => pauseMs > limit).length as DrawnEntry['pause'],
    }
    if (entry.agent === 'closes') isPaid = false
    return drawn
  })
}

/** The same when more come: what is drawn already does not draw itself anew. */
function uniqueKey(
  { offset_ms: at, lane, direction, label }: LadderEntry,
  seen: Map<string, number>,
): string {
  const said = typeof label === 'string' ? label : label.word
  const name = `${at} ${lane} ${direction} ${said}`
  const times = seen.get(name) ?? 0
  seen.set(name, times + 1)
  return times === 0 ? name : `${name} ${times}`
}

/** `+0`, `+12`, `+3,042`: milliseconds, as the axis of a ladder has them. */
export const offsetWords = (offsetMs: number, locale?: string): string =>
  `${offsetMs < 0 ? '−' : '+'}${Math.abs(offsetMs).toLocaleString(locale, {
    maximumFractionDigits: Math.abs(offsetMs) < 10 ? 1 : 0,
  })}`
