// Where the turns of a transcript lie on the axis. Of the caller's nobody tells when they began (the agent tells when
// it had settled on the words): they are laid where the caller was heard before that.
import type { Speech, Turn } from './axis-data.ts'

export interface TurnPlace {
  readonly turn: Turn
  readonly fromMs: number
  readonly toMs: number
}

/** Of speech, roughly; for what nobody told the length of. */
const MS_PER_LETTER = 65
const LEAST_MS = 300
/** Words are settled on at most so long after they were spoken. */
const SETTLED_WITHIN_MS = 4000

/** In the order of the turns. */
export function placeTurns(turns: readonly Turn[], speech: readonly Speech[]): TurnPlace[] {
  const callers = speech.filter(({ who }) => who === 'caller')
  let before = Number.NEGATIVE_INFINITY
  return turns.map((turn) => {
    if (turn.role !== 'caller') return { turn, ...ofOurs(turn) }
    const place = ofCaller(turn, callers, before)
    before = Math.max(before, place.toMs, turn.offset_ms)
    return { turn, ...place }
  })
}

type Place = Omit<TurnPlace, 'turn'>

const guessMs = ({ text }: Turn): number => Math.max(LEAST_MS, (text?.length ?? 0) * MS_PER_LETTER)

function ofOurs(turn: Turn): Place {
  const fromMs = turn.offset_ms
  if (turn.ended_at !== null) {
    const toMs = fromMs + Date.parse(turn.ended_at) - Date.parse(turn.at)
    return { fromMs, toMs: Math.max(toMs, fromMs) }
  }
  const length = turn.heard_ms || turn.spoken_ms || guessMs(turn)
  return { fromMs, toMs: fromMs + length }
}

function ofCaller(turn: Turn, speech: readonly Speech[], before: number): Place {
  const at = turn.offset_ms
  const heard = speech.filter(
    ({ from_ms: from, to_ms: to }) => from >= before && from < at && to >= at - SETTLED_WITHIN_MS,
  )
  const [first] = heard
  const last = heard.at(-1)
  if (first !== undefined && last !== undefined)
    return { fromMs: first.from_ms, toMs: Math.max(first.from_ms, Math.min(last.to_ms, at)) }
  const fromMs = Math.max(before, at - guessMs(turn))
  return { fromMs: Math.min(fromMs, at), toMs: at }
}
