// Dates of the Management API: `YYYY-MM-DD HH:mm:ss` without a zone, in the one that the answer names.
import { createWallClock, type WallClock } from '../../calls/statistics/time-zone.ts'

const SHAPE = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/

/** What requests ask for. */
export const UTC = 'Etc/GMT'
const NAMES_OF_UTC: ReadonlySet<string> = new Set([UTC, 'GMT', 'UTC', 'Etc/UTC', 'Z'])

/** To the whole second. */
export const vendorDate = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** Epoch milliseconds of a date in one zone; undefined of what is none. */
export type ReadDate = (text: unknown) => number | undefined

/** @param zone as the answer names it; null: it does not. Undefined of a zone that nobody knows. */
export function createReadDate(zone: string | null): ReadDate | undefined {
  if (zone === null || NAMES_OF_UTC.has(zone)) return readUtc
  const wall = createWallClock(zone)
  return wall && ((text) => atWall(wall, readUtc(text)))
}

function readUtc(text: unknown): number | undefined {
  if (typeof text !== 'string' || !SHAPE.test(text)) return undefined
  const at = Date.parse(`${text.replace(' ', 'T')}Z`)
  return Number.isNaN(at) ? undefined : at
}

/** When the walls say so. Of an hour that they say twice, one; of one that is left out, the next. */
function atWall(wall: WallClock, said: number | undefined): number | undefined {
  if (said === undefined) return undefined
  const guess = said - (wall(said) - said)
  return said - (wall(guess) - guess)
}
