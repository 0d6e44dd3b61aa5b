// A tone as the class that colours it.
import type { Tone } from './entry.ts'
import css from './axis.module.css'

export const toneClass = (tone: Tone): string => css[`tone-${tone}`] ?? ''
export const withTone = (name: string | undefined, tone: Tone): string =>
  `${name ?? ''} ${toneClass(tone)}`

/** What matters most of some that are drawn as one. */
export function toneOfAll(tones: readonly Tone[]): Tone {
  for (const tone of ['bad', 'good', 'money'] as const) if (tones.includes(tone)) return tone
  return tones[0] ?? 'plain'
}
