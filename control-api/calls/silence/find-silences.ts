// Events of a call → its silences and who was heard when. Pure: the same events say the same at any time. A recording
// makes what is heard exact; without one the events do.
import type { CallEvent } from '#core/contracts'
import { troubleOf, turnIn } from './blame.ts'
import { beforeAnswer, LEAST_SILENCE_MS } from './carrier-trouble.ts'
import {
  gapsIn,
  joined,
  type Heard,
  type HeardLevels,
  type Silence,
  type Speech,
  type Stretch,
} from './silence.ts'
import { agentSpeech, callerSpeech } from './speech-of-events.ts'
import { talkOf } from './talk.ts'

export interface FoundSilences {
  readonly silences: readonly Silence[]
  readonly speech: readonly Speech[]
}

/** A reason that holds for less belongs to its neighbour: who reads it wants to know whose the second was. */
const LEAST_PART_MS = 200

/** Times are those of the events. */
export function findSilences(recorded: readonly CallEvent[], levels?: HeardLevels): FoundSilences {
  // One that was recorded late stands where it was recorded.
  const events = recorded.toSorted((one, other) => one.at - other.at)
  const heard = heardIn(events, levels)
  const both = joined([...heard.caller, ...heard.agent])
  const talk = talkOf(events, both)
  const before = beforeAnswer(events)
  if (talk === undefined) return { silences: before, speech: [] }
  const trouble = troubleOf(events, talk, heard)
  const within = gapsIn(talk, both).filter(({ from, to }) => to - from >= LEAST_SILENCE_MS)
  const troubleIn = createSweep(trouble)
  const silences = within.flatMap((gap) => attributed(gap, troubleIn(gap), turnIn(gap, heard)))
  return { silences: [...before, ...silences], speech: speechOf(heard) }
}

/** By the recording where there is one, by the events where there is none. */
function heardIn(events: readonly CallEvent[], levels: HeardLevels | undefined): Heard {
  const agent = agentSpeech(events)
  const caller = callerSpeech(events, agent)
  if (levels === undefined) return { agent, caller }
  return {
    // Pauses within an utterance are the agent's way to speak.
    agent: joined([...agent, ...levels.agent]),
    caller: joined([...caller.flatMap((one) => gapsIn(one, levels.covered)), ...levels.caller]),
  }
}

const speechOf = ({ caller, agent }: Heard): Speech[] =>
  [
    ...caller.map((one) => ({ who: 'caller' as const, ...one })),
    ...agent.map((one) => ({ who: 'agent' as const, ...one })),
  ].sort((one, other) => one.from - other.from)

/** What of the trouble lies in a gap, in its order; to be asked for gaps that follow one another. */
function createSweep(trouble: readonly Silence[]): (gap: Stretch) => readonly Silence[] {
  const coming = trouble
    .map((silence, force) => ({ silence, force }))
    .sort((one, other) => one.silence.from - other.silence.from)
  let next = 0
  let present: typeof coming = []
  return (gap) => {
    present = present.filter(({ silence }) => silence.to > gap.from)
    for (let one = coming[next]; one && one.silence.from < gap.to; one = coming[next]) {
      if (one.silence.to > gap.from) present.push(one)
      next += 1
    }
    return present.toSorted((one, other) => one.force - other.force).map(({ silence }) => silence)
  }
}

/** The gap in parts, each with the reason of most force; together they are the gap. */
function attributed(
  gap: Stretch,
  inside: readonly Silence[],
  turn: Omit<Silence, keyof Stretch>,
): readonly Silence[] {
  const cuts = inside.flatMap(({ from, to }) => [from, to])
  const edges = [gap.from, ...cuts.filter((at) => at > gap.from && at < gap.to), gap.to]
    .toSorted((one, other) => one - other)
    .filter((at, index, all) => at !== all[index - 1])
  const parts: Silence[] = []
  for (const [index, from] of edges.slice(0, -1).entries()) {
    const to = edges[index + 1] ?? gap.to
    const { reason, detail } = inside.find((one) => one.from <= from && one.to >= to) ?? turn
    parts.push({ from, to, reason, detail })
  }
  return merged(withoutSplinters(merged(parts)))
}

/** Neighbours of one reason made one. */
function merged(parts: readonly Silence[]): readonly Silence[] {
  const all: Silence[] = []
  for (const part of parts) {
    const last = all.at(-1)
    if (last?.reason === part.reason) all[all.length - 1] = { ...last, to: part.to }
    else all.push(part)
  }
  return all
}

function withoutSplinters(parts: readonly Silence[]): readonly Silence[] {
  const lengthOf = (part: Silence | undefined): number => (part ? part.to - part.from : 0)
  const left = [...parts]
  for (;;) {
    const at = left.findIndex((part) => lengthOf(part) < LEAST_PART_MS)
    const [before, part, after] = [left[at - 1], left[at], left[at + 1]]
    if (part === undefined || (before === undefined && after === undefined)) return left
    if (before !== undefined && lengthOf(before) >= lengthOf(after))
      left.splice(at - 1, 2, { ...before, to: part.to })
    else if (after !== undefined) left.splice(at, 2, { ...after, from: part.from })
  }
}
