// One thing on the axis: a moment, or a stretch of time, in one of its lanes.
import type { Silence, TimelineItem, Turn } from './axis-data.ts'

/** From top to bottom. `sip`: between carrier and gateway; `link`: between gateway and agent. `session`: an agent's. */
export const LANES = [
  'state',
  'sip',
  'link',
  'session',
  'caller-words',
  'agent-words',
  'agent',
  'call',
  'silence',
] as const
export type Lane = (typeof LANES)[number]

/** What it means for the call; drawn by colour and by shape. */
export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'money' | 'caller' | 'agent' | 'decision'

/** Of an arrow: towards the top of the ladder, or its bottom. */
export type Direction = 'up' | 'down'

export interface Entry {
  /** Unique on the axis, and the same however much comes after it. */
  readonly key: string
  readonly lane: Lane
  readonly fromMs: number
  /** The same as `fromMs`: a moment. Infinity: it goes on. */
  readonly toMs: number
  /** On the axis, beside its mark. */
  readonly label: string
  /** In the list and above its details. */
  readonly title: string
  readonly tone: Tone
  readonly direction?: Direction
  /** What it was made of: all of it is shown when it is chosen. */
  readonly items: readonly TimelineItem[]
  readonly turn?: Turn
  readonly silence?: Silence
  /** It was never settled, or never heard: drawn hollow. */
  readonly isFaint?: boolean
}

export const isMoment = ({ fromMs, toMs }: Entry): boolean => fromMs === toMs

/** The order on the axis; at the same time, that of the lanes. */
export const inOrder = (one: Entry, other: Entry): number =>
  one.fromMs - other.fromMs || LANES.indexOf(one.lane) - LANES.indexOf(other.lane)

/** Gives each event a key that does not change when more of them come. */
export function keyMaker(): (item: TimelineItem) => string {
  const seen = new Map<string, number>()
  return ({ type, offset_ms: offset }) => {
    const base = `${type}@${offset}`
    const count = seen.get(base) ?? 0
    seen.set(base, count + 1)
    return count === 0 ? base : `${base}#${count}`
  }
}

export const textOf = (item: TimelineItem, field: string): string | undefined => {
  const value = item[field]
  return typeof value === 'string' ? value : undefined
}

export const numberOf = (item: TimelineItem, field: string): number | undefined => {
  const value = item[field]
  return typeof value === 'number' ? value : undefined
}
