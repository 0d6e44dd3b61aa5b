// What stood between the caller and the agent's words: asking for a session, its opening, its first audio, an answer
// that was owed.
import type { CallEvent } from '#core/contracts'
import { firstFrom, spoken, type Heard, type Silence, type Stretch } from './silence.ts'
import { allOf, firstOf, type EventOf, type Talk } from './talk.ts'

/** From the answer to the first words of the first session. */
export function openingTrouble(
  events: readonly CallEvent[],
  talk: Talk,
  heard: Heard,
): readonly Silence[] {
  const asked = firstOf(events, 'agent.attempted')
  const menu = firstOf(events, 'flow.asked')
  const attempts = allOf(events, 'agent.attempted').flatMap((one) => attempt(events, one, heard))
  if (menu !== undefined) return [menusTurn(menu.at, asked?.at ?? talk.to), ...attempts]
  if (asked === undefined)
    return [{ ...talk, reason: 'no-agent', detail: 'No agent session was asked for.' }]
  const ours: Silence = {
    from: talk.from,
    to: asked.at,
    reason: 'agent-not-asked',
    detail: `The agent session was asked for ${spoken(asked.at - talk.from)} after the answer.`,
  }
  return [ours, ...attempts]
}

/** Its prompts are heard; what is silent between them is time to press a key. */
const menusTurn = (from: number, to: number): Silence => ({
  from,
  to,
  reason: 'callers-turn',
  detail: 'The menu had asked: it was for the caller to press a key.',
})

function attempt(
  events: readonly CallEvent[],
  { at }: EventOf<'agent.attempted'>,
  heard: Heard,
): Silence[] {
  const outcome = events.find((event) => event.at >= at && OUTCOMES.has(event.type))
  if (outcome === undefined) return []
  const next = firstOf(events, 'agent.attempted', at + 1)?.at ?? Number.POSITIVE_INFINITY
  if (outcome.type !== 'agent.opened') {
    const to = outcome.type === 'agent.closed' ? outcome.at : Math.max(outcome.at, next)
    if (!Number.isFinite(to)) return []
    const detail = `The agent's vendor refused the session after ${spoken(outcome.at - at)}.`
    return [{ from: at, to, reason: 'agent-opening', detail }]
  }
  const detail = `The agent's vendor took ${spoken(outcome.at - at)} to open the session.`
  const opening: Silence = { from: at, to: outcome.at, reason: 'agent-opening', detail }
  return [opening, ...firstWords(events, outcome.at, next, heard)]
}

const OUTCOMES: ReadonlySet<CallEvent['type']> = new Set<CallEvent['type']>([
  'agent.opened',
  'agent.attempt_failed',
  'agent.closed',
])

/** Open, and nothing of it was heard yet. */
function firstWords(
  events: readonly CallEvent[],
  opened: number,
  next: number,
  { caller, agent }: Heard,
): Silence[] {
  const sent = firstOf(events, 'agent.first_audio', opened)?.at ?? next
  const left = beginOf(agent, opened)
  const said = beginOf(caller, opened)
  const first = Math.min(sent, left)
  if (said < first)
    return [
      {
        from: opened,
        to: said,
        reason: 'no-greeting',
        detail: `The agent was open and said nothing for ${spoken(said - opened)}: the caller spoke first.`,
      },
    ]
  if (!Number.isFinite(first))
    return [silentFrom(opened, 'The agent was open, and no audio of it ever came.')]
  const detail = `The agent's first audio came ${spoken(first - opened)} after its session was open.`
  const late = `The agent's first audio had come, and left for the caller ${spoken(left - sent)} later.`
  return [
    { from: opened, to: first, reason: 'first-audio-slow', detail },
    ...(Number.isFinite(left) && left > sent
      ? [{ from: sent, to: left, reason: 'audio-left-late', detail: late } as const]
      : []),
  ]
}

const silentFrom = (from: number, detail: string): Silence => ({
  from,
  to: Number.POSITIVE_INFINITY,
  reason: 'first-audio-slow',
  detail,
})

const beginOf = (some: readonly Stretch[], from: number): number =>
  firstFrom(some, from)?.from ?? Number.POSITIVE_INFINITY

/** An answer that it owed, by what it or the watch over it told; and what is said of it when it was gone. */
export function agentTrouble(
  events: readonly CallEvent[],
  talk: Talk,
  { agent }: Heard,
): readonly Silence[] {
  const untilHeard = (at: number): number => Math.min(beginOf(agent, at), talk.to)
  const gone = allOf(events, 'agent.closed')
    .filter(({ data: { reason } }) => ['refused', 'dropped', 'silent'].includes(reason))
    .map(({ at, data }) => ({
      from: at,
      to: firstOf(events, 'agent.attempted', at)?.at ?? talk.to,
      reason: 'agent-gone' as const,
      detail: `The agent session had ended (${data.reason}).`,
    }))
  const silent = allOf(events, 'agent.silent').map(({ at, data }) => ({
    from: at - data.silentMs,
    to: untilHeard(at),
    reason: 'agent-silent' as const,
    detail: `The agent owed an answer for at least ${spoken(data.silentMs)}.`,
  }))
  const faults = allOf(events, 'agent.error').map(({ at, data }) => ({
    from: at,
    to: untilHeard(at),
    reason: 'agent-error' as const,
    detail: `The agent's vendor had reported a fault (${data.errorType}).`,
  }))
  // Whatever was said last, the word is with the agent now.
  const told = allOf(events, 'agent.tool_answered').map(({ at }) => ({
    from: at,
    to: untilHeard(at),
    reason: 'answer-slow' as const,
    detail: 'The agent had been told what its tool said, and had not spoken yet.',
  }))
  return [...gone, ...silent, ...faults, ...told]
}
