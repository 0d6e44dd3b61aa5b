// Who was heard when, as far as the events of a call say so. The agent's side is exact: what left for the caller is
// timed frame by frame. The caller's is not: the vendor tells what was said, when it has understood it, and never when
// it began.
import type { CallEvent } from '#core/contracts'
import { joined, type Stretch } from './silence.ts'
import { allOf, type EventOf } from './talk.ts'

/** Agent and messages of ours. */
export function agentSpeech(events: readonly CallEvent[]): readonly Stretch[] {
  const agent = allOf(events, 'agent.heard').flatMap(({ data: { startedAt, endedAt } }) =>
    startedAt === undefined ? [] : [{ from: startedAt, to: endedAt ?? startedAt }],
  )
  return joined([...agent, ...prompts(events)])
}

function prompts(events: readonly CallEvent[]): Stretch[] {
  return allOf(events, 'prompt.finished').flatMap(({ at, data }) =>
    data.playedMs > 0 ? [{ from: at - data.playedMs, to: at }] : [],
  )
}

/** Some 15 letters a second: 160 words a minute. */
const MS_PER_LETTER = 65
const LEAST_MS = 400
/** Longer than anybody speaks without the vendor telling of it. */
const MOST_MS = 20_000

/**
 * Approximate: words end when the vendor tells of them, a little after they were said, and began as long before as it
 * takes to say so many letters; but not before the agent's last words ended, unless the agent was interrupted: then at
 * the interruption, which the vendor tells at once.
 */
export function callerSpeech(
  events: readonly CallEvent[],
  agent: readonly Stretch[],
): readonly Stretch[] {
  const cuts = allOf(events, 'agent.interrupted').map(({ at }) => at)
  const said: Stretch[] = []
  let lastId = 0
  for (const event of allOf(events, 'agent.user_transcript')) {
    const last = said.at(-1)
    const isMore = event.data.eventId !== 0 && event.data.eventId === lastId
    lastId = event.data.eventId
    if (event.data.text.trim() === '') continue
    // The same words again, settled or longer.
    if (last !== undefined && isMore) said[said.length - 1] = { from: last.from, to: event.at }
    else said.push({ from: beginOf(event, last?.to ?? 0, agent, cuts), to: event.at })
  }
  return joined(said)
}

function beginOf(
  { at, data }: EventOf<'agent.user_transcript'>,
  lastSaid: number,
  agent: readonly Stretch[],
  cuts: readonly number[],
): number {
  const earliest = Math.max(lastSaid, at - MOST_MS)
  const cut = cuts.find((one) => one > earliest && one < at)
  if (cut !== undefined) return cut
  const length = Math.max(LEAST_MS, data.text.length * MS_PER_LETTER)
  const quiet = agent.findLast(({ to }) => to < at)?.to ?? 0
  return Math.min(at, Math.max(at - length, earliest, quiet))
}
