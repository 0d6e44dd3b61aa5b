// Where the call stood, and when its agent was open: stretches made of moments.
import { numberOf } from './entry.ts'
import type { TimelineItem } from './axis-data.ts'

export type StateName = 'queued' | 'dialing' | 'ringing' | 'early_media' | 'answered'

export interface StateSpan {
  readonly state: StateName
  readonly fromMs: number
  /** Infinity: it lasts. */
  readonly toMs: number
}

/** @param items in order */
export function callStates(items: readonly TimelineItem[]): readonly StateSpan[] {
  const turns: { readonly at: number; readonly state: StateName | null }[] = []
  const become = (at: number, state: StateName | null): void => {
    const last = turns.at(-1)
    if (last?.state === state || (turns.length > 0 && last?.state === null)) return
    turns.push({ at, state })
  }
  let isAnswered = false
  for (const item of items) {
    const next = stateAfter(item)
    if (next === undefined || (isAnswered && next !== null)) continue
    // A 180 after 183 with sound: the sound goes on, as far as anybody knows.
    if (next === 'ringing' && turns.at(-1)?.state === 'early_media') continue
    isAnswered ||= next === 'answered'
    become(item.offset_ms, next)
  }
  const first = turns[0]
  const begun =
    first !== undefined && first.at > 0 ? [{ at: 0, state: 'queued' as const }, ...turns] : turns
  return begun.flatMap(({ at, state }, index) => {
    const toMs = begun[index + 1]?.at ?? Number.POSITIVE_INFINITY
    return state === null || toMs <= at ? [] : [{ state, fromMs: at, toMs }]
  })
}

/** Null: it is over. Undefined: nothing changed. */
function stateAfter(item: TimelineItem): StateName | null | undefined {
  switch (item.type) {
    case 'sip.invite':
    case 'provider.invited':
      return 'dialing'
    case 'sip.provisional':
      if (item['early_media'] === true) return 'early_media'
      return numberOf(item, 'sip_status') === 100 ? undefined : 'ringing'
    case 'provider.ringing':
      return 'ringing'
    case 'sip.answered':
    case 'provider.answered':
      return 'answered'
    case 'call.ended':
      return null
    default:
      return undefined
  }
}

/** One agent session: where money flows. */
export interface AgentSession {
  readonly attemptedMs: number
  /** Null: it never opened, or not yet. */
  readonly openedMs: number | null
  /** Infinity: it is open. */
  readonly closedMs: number
  /** As it is paid; null while it is open. */
  readonly seconds: number | null
  readonly items: readonly TimelineItem[]
}

export function agentSessions(items: readonly TimelineItem[]): readonly AgentSession[] {
  const sessions: AgentSession[] = []
  let open: AgentSession | undefined
  for (const item of items) {
    const at = item.offset_ms
    if (item.type === 'agent.attempted') {
      if (open !== undefined) sessions.push({ ...open, closedMs: at })
      open = begun(item)
    } else if (open === undefined) continue
    else if (item.type === 'agent.opened')
      open = { ...open, openedMs: at, items: [...open.items, item] }
    else if (isClosing(item)) {
      const seconds = numberOf(item, 'seconds') ?? null
      sessions.push({ ...open, closedMs: at, seconds, items: [...open.items, item] })
      open = undefined
    }
  }
  return open === undefined ? sessions : [...sessions, open]
}

const begun = (item: TimelineItem): AgentSession => ({
  attemptedMs: item.offset_ms,
  openedMs: null,
  closedMs: Number.POSITIVE_INFINITY,
  seconds: null,
  items: [item],
})

const isClosing = ({ type }: TimelineItem): boolean =>
  type === 'agent.closed' || type === 'agent.attempt_failed'

/** When the 200 OK passed, and when the agent was open: what the guard is about. */
export interface GuardEvidence {
  /** By a vendor's telephony: there is no 200 OK of ours. */
  readonly isProvider: boolean
  readonly answeredMs: number
  /** Null: no agent was opened (yet). */
  readonly openedMs: number | null
}

/** By whichever way it came. */
export const ANSWERED: ReadonlySet<string> = new Set(['sip.answered', 'provider.answered'])

export function guardEvidence(items: readonly TimelineItem[]): GuardEvidence | null {
  const answered = items.find(({ type }) => ANSWERED.has(type))
  if (answered === undefined) return null
  const opened = items.find(({ type }) => type === 'agent.opened')
  const isProvider = answered.type === 'provider.answered'
  return { isProvider, answeredMs: answered.offset_ms, openedMs: opened?.offset_ms ?? null }
}
