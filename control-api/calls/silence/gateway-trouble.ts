// What was ours: what broke, what took us time, and the end.
import type { CallEvent } from '#core/contracts'
import { firstFrom, spoken, type Heard, type Silence } from './silence.ts'
import { allOf, firstOf, type Talk } from './talk.ts'

export function gatewayTrouble(
  events: readonly CallEvent[],
  talk: Talk,
  heard: Heard,
): readonly Silence[] {
  const lost = allOf(events, 'media.lost').map(({ at }) => at)
  const worker = allOf(events, 'agent.closed')
    .filter(({ data }) => data.reason === 'worker-lost')
    .map(({ at }) => at)
  const media = [...lost, ...worker].map((at) => ({
    from: at,
    to: talk.to,
    reason: 'media-lost' as const,
    detail: 'The media worker had died: nothing could be heard.',
  }))
  const server = allOf(events, 'media.server_lost').map(({ at }) => ({
    from: at,
    to: firstOf(events, 'media.path', at)?.at ?? talk.to,
    reason: 'media-server-lost' as const,
    detail: 'The media server had been lost.',
  }))
  const sip = allOf(events, 'sip.server_lost').map(({ at }) => ({
    from: at,
    to: talk.to,
    reason: 'sip-server-lost' as const,
    detail: 'Our SIP server had been lost.',
  }))
  return [...media, ...server, ...sip, ...transfers(events, talk), ...tools(events, talk, heard)]
}

/** Until somebody picks up, which ends what we are told of, or nothing comes of it. */
const transfers = (events: readonly CallEvent[], talk: Talk): Silence[] =>
  allOf(events, 'transfer.requested').map(({ at }) => ({
    from: at,
    to: firstOf(events, 'transfer.failed', at)?.at ?? talk.to,
    reason: 'transferring',
    detail: 'A human was being called.',
  }))

/** One that never answers is in nobody's way once the agent has spoken again. */
function tools(events: readonly CallEvent[], talk: Talk, { agent }: Heard): Silence[] {
  const answers = new Map(
    allOf(events, 'agent.tool_answered').map(({ at, data }) => [data.toolCallId, at]),
  )
  return allOf(events, 'agent.tool_called').map(({ at, data }) => {
    const answered = answers.get(data.toolCallId)
    const tool = `Our tool ${data.toolName}`
    return {
      from: at,
      to: answered ?? firstFrom(agent, at)?.from ?? talk.to,
      reason: 'tool-running',
      detail:
        answered === undefined
          ? `${tool} never answered.`
          : `${tool} took ${spoken(answered - at)}.`,
    }
  })
}

/** The agent is done with the call, or we are: what is left is to hang up. */
export const hangingUp = (events: readonly CallEvent[], talk: Talk): readonly Silence[] =>
  allOf(events, 'agent.closed')
    .filter(({ data: { reason } }) => ['agent-ended', 'call-ended', 'no-ack'].includes(reason))
    .map(({ at }) => ({
      from: at,
      to: firstOf(events, 'agent.attempted', at)?.at ?? talk.to,
      reason: 'hanging-up',
      detail: 'The talk was over, and the call was being ended.',
    }))
