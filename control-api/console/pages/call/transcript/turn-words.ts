// What is said of a turn beside its words: who spoke, and how much of it was heard.
import { duration } from '../../../words/amounts.ts'
import type { Call } from '../head/ending.ts'
import type { Turn } from '../axis/axis-data.ts'
import type { SayTranscript } from './words.ts'

/** The far end is `caller` in every transcript, whoever called whom. */
export const roleWords = (turn: Turn, direction: Call['direction'], say: SayTranscript): string =>
  say(`role-${turn.role === 'caller' && direction === 'outbound' ? 'callee' : turn.role}`)

/** Empty: there is nothing to say of it. */
export function turnNote(turn: Turn, isLive: boolean, say: SayTranscript): string {
  if (turn.role === 'caller') return turn.tentative ? say('tentative') : ''
  return [...heardNotes(turn, isLive, say)].join(', ')
}

function* heardNotes(turn: Turn, isLive: boolean, say: SayTranscript): Generator<string> {
  const { heard, heard_ms: heardMs, spoken_ms: spokenMs } = turn
  if (heard === 'nothing') yield say('nothing')
  if (heard === 'unknown') yield say(isLive ? 'speaking' : 'unknown')
  if (heard !== 'part') return
  yield say(turn.heard_text === null && turn.role === 'agent' ? 'part_unknown' : 'part')
  if (heardMs !== null && spokenMs !== null && heardMs < spokenMs)
    yield say('heard_of', { heard: duration(heardMs / 1000), spoken: duration(spokenMs / 1000) })
  if (turn.heard_text_by === 'agent') yield say('by_agent')
}

/** Its words as far as anybody told them. */
export function saidWords(turn: Turn, say: SayTranscript): string {
  if (turn.text !== null) return turn.text
  if (turn.role !== 'gateway') return say('untold')
  return turn.prompt_id === null ? say('message_unnamed') : say('message', { id: turn.prompt_id })
}
