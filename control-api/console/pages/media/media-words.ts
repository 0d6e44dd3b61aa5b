// How a photo or a video is called, and summed up in a line.
import { bytes, duration } from '../../words/amounts.ts'
import type { Media } from './shapes.ts'

const LAST_LETTERS = 6

/** The name it came by; without one, the end of its id. */
export const nameOf = ({ name, media_id: id }: Pick<Media, 'name' | 'media_id'>): string =>
  name ?? `…${id.slice(-LAST_LETTERS)}`

/** `640 × 480 · 3.2 s · 1.2 MB` */

export const summaryOf = (item: Media): string =>
  [
    `${item.width} × ${item.height}`,
    ...(item.duration_seconds === null ? [] : [duration(item.duration_seconds)]),
    bytes(item.bytes),
  ].join(' · ')
