// A label of the ladder in the reader's language.
import type { ENDED_BY, REASONS } from './endings.ts'
import type { LadderLabel } from './ladder-entry.ts'
import { useEndedBy, useLadderWords, useReasons } from './words.ts'

export function useLabel(): (label: LadderLabel) => string {
  const say = useLadderWords()
  const reasonOf = useReasons()
  const byOf = useEndedBy()
  return (label) => {
    if (typeof label === 'string') return label
    const { word, values } = label
    if (word !== 'ended') return say(word, values)
    return say('ended', {
      reason: reasonOf(values?.['reason'] as keyof typeof REASONS),
      by: byOf(values?.['by'] as keyof typeof ENDED_BY),
    })
  }
}
