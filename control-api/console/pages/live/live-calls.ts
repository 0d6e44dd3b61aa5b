// The calls that go on, as the live feed tells of them. Pure.
import type { GetCallResponse } from '../../api/generated/types.gen.ts'
import type { TimelineItem } from '../../live/call-timeline.ts'
import type { LiveMessage } from '../../live/live-feed.ts'

export type Call = GetCallResponse

export interface LiveCall {
  readonly call: Call
  /** When we were told of its end: it stays a moment, so that one sees what became of it. */
  readonly leftAt: number | null
}

/** Newest first. */
export type LiveCalls = readonly LiveCall[]

export const STAYS_MS = 5000
export const LIVE_STATUSES = ['queued', 'dialing', 'ringing', 'early_media', 'answered'] as const

export function liveCallsOf(calls: readonly Call[]): LiveCalls {
  const byId = new Map(calls.map((call) => [call.call_id, call]))
  return [...byId.values()]
    .filter(({ status }) => status !== 'ended')
    .map((call) => ({ call, leftAt: null }))
    .sort(newestFirst)
}

/** The same list when it says nothing new. */
export function withNews(before: LiveCalls, message: LiveMessage, now = Date.now()): LiveCalls {
  const { call_id: id, data } = message
  if (id === null) return before
  const known = before.find(({ call }) => call.call_id === id)
  const next = nextOf(known?.call, message, data['call'])
  if (next === undefined) return before
  // Who is not here does not come only to go.
  if (next.status === 'ended' && known === undefined) return before
  const leftAt = next.status === 'ended' ? (known?.leftAt ?? now) : null
  const others = before.filter(
    (one) => one !== known && (one.leftAt === null || now - one.leftAt < STAYS_MS),
  )
  return [{ call: next, leftAt }, ...others].sort(newestFirst)
}

function nextOf(known: Call | undefined, message: LiveMessage, told: unknown): Call | undefined {
  const { type, at, data } = message
  if (isCall(told)) return told
  if (known === undefined) return undefined
  // Of the agent the feed tells facts, not the call.
  if (type === 'agent.opened')
    return {
      ...known,
      agent: { ...known.agent, opened_at: at, closed_at: null, sessions: known.agent.sessions + 1 },
    }
  if (type === 'agent.closed')
    return { ...known, agent: { ...known.agent, closed_at: at, close_reason: reasonOf(data) } }
  return undefined
}

const reasonOf = ({ reason }: LiveMessage['data']): Call['agent']['close_reason'] =>
  typeof reason === 'string' ? (reason as Call['agent']['close_reason']) : null

const isCall = (value: unknown): value is Call =>
  typeof value === 'object' && value !== null && 'call_id' in value && 'status' in value

const newestFirst = ({ call: one }: LiveCall, { call: other }: LiveCall): number =>
  Date.parse(other.created_at) - Date.parse(one.created_at)

export const isStaying = ({ leftAt }: LiveCall, now = Date.now()): boolean =>
  leftAt === null || now - leftAt < STAYS_MS

/** Ended, and about to go: the list is to be drawn again. */
export const isLeaving = (one: LiveCall, now = Date.now()): boolean =>
  one.leftAt !== null && isStaying(one, now)

/**
 * The call's record is told anew at its turning points; its agent is told by the timeline at once. One that was dropped
 * is opened again: only what stands behind the last opening closes it.
 */
export function withTimeline(call: Call, items: readonly TimelineItem[]): Call {
  const { agent } = call
  const openedIndex = items.findLastIndex(({ type }) => type === 'agent.opened')
  const opened = items[openedIndex]
  const closed = items.slice(openedIndex + 1).findLast(({ type }) => type === 'agent.closed')
  // The record may be older than the timeline.
  const isOld =
    opened !== undefined &&
    agent.closed_at !== null &&
    Date.parse(agent.closed_at) < Date.parse(opened.at)
  return {
    ...call,
    agent: {
      ...agent,
      opened_at: opened?.at ?? agent.opened_at,
      closed_at: closed?.at ?? (isOld ? null : agent.closed_at),
    },
  }
}

/** Whoever is at the far end, whichever way it goes. */
export const isAgentOpen = ({ agent }: Call): boolean =>
  agent.opened_at !== null && agent.closed_at === null

export const agentState = (call: Call): 'agent_open' | 'agent_waits' | 'agent_closed' =>
  isAgentOpen(call) ? 'agent_open' : call.agent.closed_at === null ? 'agent_waits' : 'agent_closed'

/** In cents, by our price; what other sessions of the same call cost is not in it. */
export function costSoFar({ agent }: Call, pricePerMinute: number, now: number): number {
  if (agent.opened_at === null) return 0
  const until = agent.closed_at === null ? now : Date.parse(agent.closed_at)
  return (Math.max(0, until - Date.parse(agent.opened_at)) / 60_000) * pricePerMinute * 100
}
