// The part of a call in which silences are looked for: from the answer on, as far as its events tell everything.
import type { CallEvent } from '#core/contracts'
import { joined, type Stretch } from './silence.ts'

export type EventOf<T extends CallEvent['type']> = Extract<CallEvent, { type: T }>

export interface Talk extends Stretch {
  /** It ended where it ends here; false: it goes on, or nobody knows what was heard after this. */
  readonly isOver: boolean
}

/** What an agent may tell of itself (bridge keeps no more of each session): whoever has told so much goes on untold. */
const MOST_TOLD = 2000
/** Of those that are bounded by it; the others are the ledger's. */
const UNBOUNDED: ReadonlySet<string> = new Set([
  'agent.prewarmed',
  'agent.attempted',
  'agent.attempt_failed',
  'agent.opened',
  'agent.metadata',
  'agent.first_audio',
  'agent.closed',
])

/** Undefined of a call that was not answered. */
export function talkOf(events: readonly CallEvent[], speech: readonly Stretch[]): Talk | undefined {
  const from = firstOf(events, 'sip.answered')?.at
  if (from === undefined) return undefined
  const over = endOf(events)
  const untold = untoldFrom(events)
  if (over !== undefined && over <= untold) return { from, to: Math.max(from, over), isOver: true }
  // Speech is told when it is over: behind the last that was told of there may be some that goes on.
  const told = [
    from,
    ...speech.map(({ to }) => to),
    ...events.filter(({ type }) => TELLS_OF_SILENCE.has(type)).map(({ at }) => at),
  ].reduce((latest, at) => Math.max(latest, at), from)
  return { from, to: Math.min(told, untold, over ?? told), isOver: false }
}

/** Until when nothing was heard, or something begins: both say that the time before them is known. */
const TELLS_OF_SILENCE: ReadonlySet<string> = new Set<CallEvent['type']>([
  'agent.first_audio',
  'agent.silent',
  'media.stalled',
  'media.dead_air',
])

/**
 * When nobody could hear the other any more, or a human took over, of whose talk we are told nothing. Undefined while it
 * goes on and after a crash, whose moment nobody knows.
 */
function endOf(events: readonly CallEvent[]): number | undefined {
  const handedOver = events.find(isHandOver)?.at
  const ended = firstOf(events, 'call.ended')
  if (ended === undefined || ended.data.termination.reason === 'gateway-crashed') return handedOver
  const hungUp = firstOf(events, 'sip.bye')?.at ?? ended.at
  return Math.min(ended.at, hungUp, handedOver ?? ended.at)
}

const isHandOver = (event: CallEvent): boolean =>
  event.type === 'transfer.answered' ||
  (event.type === 'agent.closed' && event.data.reason === 'transferred')

/** From here on the record has not everything. */
function untoldFrom(events: readonly CallEvent[]): number {
  let told = 0
  for (const { type, at } of events) {
    if (type === 'call.record_limited') return at
    if (type === 'agent.closed') told = 0
    if (!type.startsWith('agent.') || UNBOUNDED.has(type)) continue
    told += 1
    if (told >= MOST_TOLD) return at
  }
  return Number.POSITIVE_INFINITY
}

export const firstOf = <T extends CallEvent['type']>(
  events: readonly CallEvent[],
  type: T,
  from = Number.NEGATIVE_INFINITY,
): EventOf<T> | undefined =>
  events.find((event): event is EventOf<T> => event.type === type && event.at >= from)

export const allOf = <T extends CallEvent['type']>(
  events: readonly CallEvent[],
  type: T,
): EventOf<T>[] => events.filter((event): event is EventOf<T> => event.type === type)

/** When it was recorded, and not paused. */
export function recordedIn(events: readonly CallEvent[], recording: Stretch): readonly Stretch[] {
  const heard: Stretch[] = []
  let from: number | undefined = recording.from
  for (const { type, at } of events) {
    if (type === 'recording.paused' && from !== undefined) {
      heard.push({ from, to: Math.min(at, recording.to) })
      from = undefined
    }
    if (type === 'recording.resumed') from ??= at
  }
  if (from !== undefined) heard.push({ from, to: recording.to })
  return joined(heard)
}
