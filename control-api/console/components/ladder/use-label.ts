// A label of the ladder in the reader's language.
import { useMenuWords } from '../menu-words.ts'
import type { ENDED_BY, REASONS } from './endings.ts'
import type { LadderLabel } from './ladder-entry.ts'
import { useEndedBy, useLadderWords, useReasons } from './words.ts'

export function useLabel(): (label: LadderLabel) => string {
  const say = useLadderWords()
  const reasonOf = useReasons()
  const byOf = useEndedBy()
  const menu = useMenuWords()
  return (label) => {
    if (typeof label === 'string') return label
    const { word, values } = label
    const told = (name: string): string => String(values?.[name] ?? '')
    if (word === 'menu_asks') return say(word, { ...values, step: menu('step', told('step')) })
    if (word === 'menu_answered') return say(word, { answer: menu('answer', told('answer')) })
    if (word === 'picked_up') return say(word, { who: menu('verdict', told('who')) })
    if (word !== 'ended') return say(word, values)
    return say('ended', {
      reason: reasonOf(values?.['reason'] as keyof typeof REASONS),
      by: byOf(values?.['by'] as keyof typeof ENDED_BY),
    })
  }
}
