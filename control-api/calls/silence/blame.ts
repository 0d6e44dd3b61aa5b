// What was the matter on a call, and when: stretches of time with a reason, told by its events. The first in the list
// that covers a moment of silence says whose it is.
import type { CallEvent } from '#core/contracts'
import { carrierTrouble } from './carrier-trouble.ts'
import { gatewayTrouble, hangingUp } from './gateway-trouble.ts'
import { agentTrouble, openingTrouble } from './agent-trouble.ts'
import { lastBefore, type Heard, type Silence, type Stretch } from './silence.ts'
import type { Talk } from './talk.ts'

/** In order of force. */
export function troubleOf(
  events: readonly CallEvent[],
  talk: Talk,
  heard: Heard,
): readonly Silence[] {
  return [
    ...gatewayTrouble(events, talk, heard),
    ...hangingUp(events, talk),
    ...carrierTrouble(events, talk, heard),
    ...openingTrouble(events, talk, heard),
    ...agentTrouble(events, talk, heard),
  ].filter(({ from, to }) => to > from)
}

/** Whose turn it was, when nothing was the matter: by who spoke last. */
export function turnIn(gap: Stretch, { caller, agent }: Heard): Omit<Silence, keyof Stretch> {
  const endOf = (some: readonly Stretch[]): number =>
    lastBefore(some, gap.from)?.to ?? Number.NEGATIVE_INFINITY
  const callerEnd = endOf(caller)
  const agentEnd = endOf(agent)
  if (callerEnd === agentEnd && !Number.isFinite(agentEnd))
    return { reason: 'first-audio-slow', detail: 'Nobody had said anything yet.' }
  return callerEnd > agentEnd
    ? {
        reason: 'answer-slow',
        detail: 'The caller had spoken, and the agent had not answered yet.',
      }
    : { reason: 'callers-turn', detail: 'The agent had spoken: it was for the caller to answer.' }
}
