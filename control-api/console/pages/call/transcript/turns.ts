// What is drawn of the turns of a transcript: which words were heard, when each was being said, all of it as plain text.
import { turnKey, type Speech, type Turn } from '../axis/axis-data.ts'

export interface HeardWords {
  readonly heard: string
  /** What was said and did not leave for the caller; empty when all did, or nobody knows. */
  readonly unheard: string
}

/** @returns null when it is not known word by word */
export function heardWords(turn: Turn): HeardWords | null {
  const { text, heard, heard_text: heardText } = turn
  if (turn.role !== 'agent' || text === null) return null
  if (heard === 'nothing') return { heard: '', unheard: text }
  if (heard !== 'part' || heardText === null) return null
  // The vendor's words of what was heard end in dots of its own now and then.
  const known = heardText.replace(/(\.{3}|…)$/u, '').trimEnd()
  if (text.startsWith(known)) return { heard: known, unheard: text.slice(known.length).trim() }
  return { heard: heardText, unheard: '' }
}

export interface Spoken {
  readonly key: string
  readonly fromMs: number
  readonly toMs: number
}

/** So late the words of the caller are told after they were spoken, at most. */
const SETTLED_WITHIN_MS = 3000
/** Words of which nothing says how long they took. */
const UNTOLD_MS = 1500

/** When each turn was being said. The caller's is known from who was heard when: the words come after. */
export function spokenTimes(turns: readonly Turn[], speech: readonly Speech[]): readonly Spoken[] {
  const caller = speech.filter(({ who }) => who === 'caller')
  return turns.map((turn) => {
    const key = turnKey(turn)
    const at = turn.offset_ms
    if (turn.role !== 'caller') {
      const lengthMs =
        turn.ended_at === null
          ? (turn.heard_ms ?? UNTOLD_MS)
          : Date.parse(turn.ended_at) - Date.parse(turn.at)
      return { key, fromMs: at, toMs: at + Math.max(lengthMs, 1) }
    }
    const span = caller.findLast(
      ({ from_ms: from, to_ms: to }) => from <= at && to >= at - SETTLED_WITHIN_MS,
    )
    return span
      ? { key, fromMs: span.from_ms, toMs: Math.max(span.to_ms, span.from_ms + 1) }
      : { key, fromMs: at - UNTOLD_MS, toMs: at }
  })
}

/** Of the turn that is being said at that time; when two speak at once, of the one that began later. */
export function keySpokenAt(spoken: readonly Spoken[], cursorMs: number | null): string | null {
  if (cursorMs === null) return null
  let found: Spoken | undefined
  for (const one of spoken)
    if (one.fromMs <= cursorMs && cursorMs < one.toMs && (found?.fromMs ?? -1) <= one.fromMs)
      found = one
  return found?.key ?? null
}

/** `1:07`, `1:02:09`: since the call was created, as on the axis. */
export function clock(offsetMs: number): string {
  const seconds = Math.max(0, Math.floor(offsetMs / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

export interface TextWords {
  readonly role: (turn: Turn) => string
  readonly unheard: string
  readonly note: (turn: Turn) => string
}

/** For a file: one line a turn, `[0:07] Agent: …`. */
export const transcriptText = (turns: readonly Turn[], words: TextWords): string =>
  turns
    .map((turn) => {
      const known = heardWords(turn)
      const said =
        known === null
          ? (turn.text ?? '')
          : [known.heard, known.unheard && `[${words.unheard} ${known.unheard}]`]
              .filter(Boolean)
              .join(' ')
      const note = words.note(turn)
      return `[${clock(turn.offset_ms)}] ${words.role(turn)}: ${[said, note && `(${note})`].filter(Boolean).join(' ')}\n`
    })
    .join('')
