// When the next sweep goes, and of which calls it then deletes what: by the days of each kind.
import type { GetSettingsResponse } from '../../../api/generated/types.gen.ts'

export const KINDS = ['audio', 'transcripts', 'events'] as const
export type Kind = (typeof KINDS)[number]

const DAY_MS = 24 * 3600_000

/** Epoch milliseconds. Null: none has come to its end with these days; it is under way, or about to begin. */
export const nextSweepAt = ({ last_sweep: last }: Pick<GetSettingsResponse, 'last_sweep'>) =>
  last === null ? null : Date.parse(last.at) + DAY_MS

/** Of calls that ended before it, the kind goes with the sweep at `sweepAt`. */
export const cutOff = (sweepAt: number, days: number): number => sweepAt - days * DAY_MS
