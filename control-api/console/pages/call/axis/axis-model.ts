// Everything on the axis of a call, lane by lane, made of what the API tells: pure, so that it can be tested whole.
import type { GetCallResponse } from '../../../api/generated/types.gen.ts'
import {
  silenceKey,
  turnKey,
  type Silence,
  type Speech,
  type TimelineItem,
  type Turn,
} from './axis-data.ts'
import {
  agentSessions,
  ANSWERED,
  callStates,
  guardEvidence,
  type AgentSession,
  type GuardEvidence,
} from './call-states.ts'
import { inOrder, keyMaker, LANES, type Entry, type Lane } from './entry.ts'
import { eventEntries } from './event-entries.ts'
import type { AxisWords } from './axis-language.ts'
import { placeTurns } from './turn-places.ts'

export interface AxisSource {
  readonly call: Pick<
    GetCallResponse,
    'direction' | 'created_at' | 'ended_at' | 'machine' | 'next_attempt_at' | 'status'
  >
  readonly items: readonly TimelineItem[]
  readonly silences: readonly Silence[]
  readonly speech: readonly Speech[]
  readonly turns: readonly Turn[]
}

export interface AxisModel {
  readonly lanes: Readonly<Record<Lane, readonly Entry[]>>
  /** In order. */
  readonly all: readonly Entry[]
  readonly byKey: ReadonlyMap<string, Entry>
  readonly sessions: readonly AgentSession[]
  readonly guard: GuardEvidence | null
  /** Of all that is known; a live call goes on behind it. */
  readonly fromMs: number
  readonly toMs: number
}

export function axisModel(source: AxisSource, words: AxisWords): AxisModel {
  const { call, items, silences, turns, speech } = source
  const sorted = items.toSorted((one, other) => one.offset_ms - other.offset_ms)
  const sessions = agentSessions(sorted)
  const keyOf = keyMaker()
  const all = [
    ...stateEntries(sorted, words),
    ...eventEntries(sorted, { isOutbound: call.direction === 'outbound', keyOf, words }),
    ...sessions.map((session) => sessionEntry(session, words)),
    ...turnEntries(turns, speech, words),
    ...silences.map((silence) => silenceEntry(silence, words)),
    ...decisionEntries(source, words),
  ].sort(inOrder)
  const lanes = Object.fromEntries(LANES.map((lane) => [lane, [] as Entry[]])) as Record<
    Lane,
    Entry[]
  >
  for (const entry of all) lanes[entry.lane].push(entry)
  return {
    lanes,
    all,
    byKey: new Map(all.map((entry) => [entry.key, entry])),
    sessions,
    guard: guardOnLadder(sorted, lanes.sip),
    ...extent(all, source),
  }
}

const stateEntries = (items: readonly TimelineItem[], words: AxisWords): Entry[] =>
  callStates(items).map(({ state, fromMs, toMs }) => ({
    key: `state:${state}@${fromMs}`,
    lane: 'state',
    fromMs,
    toMs,
    label: words.state(state),
    title: words.state(state),
    tone: STATE_TONES[state],
    items: [],
  }))

const STATE_TONES = {
  queued: 'plain',
  dialing: 'plain',
  ringing: 'warn',
  early_media: 'decision',
  answered: 'good',
} as const

export const sessionKey = ({ attemptedMs }: AgentSession): string => `session@${attemptedMs}`

const sessionEntry = (session: AgentSession, words: AxisWords): Entry => ({
  key: sessionKey(session),
  lane: 'session',
  fromMs: session.attemptedMs,
  toMs: session.closedMs,
  label: words.session(),
  title: words.session(),
  tone: 'money',
  items: session.items,
})

function turnEntries(turns: readonly Turn[], speech: readonly Speech[], words: AxisWords): Entry[] {
  return placeTurns(turns, speech).map(({ turn, fromMs, toMs }) => {
    const isCaller = turn.role === 'caller'
    const title = turn.text ?? words.speaker(turn)
    return {
      key: turnKey(turn),
      lane: isCaller ? 'caller-words' : 'agent-words',
      fromMs,
      toMs,
      label: title,
      title,
      tone: isCaller ? 'caller' : turn.role === 'agent' ? 'agent' : 'decision',
      items: [],
      turn,
      isFaint: turn.tentative || turn.heard === 'nothing',
    }
  })
}

const silenceEntry = (silence: Silence, words: AxisWords): Entry => ({
  key: silenceKey(silence),
  lane: 'silence',
  fromMs: silence.from_ms,
  toMs: silence.to_ms,
  label: words.silence(silence),
  title: words.silence(silence),
  tone: SILENCE_TONES[silence.cause],
  items: [],
  silence,
})

const SILENCE_TONES = { carrier: 'warn', gateway: 'bad', agent: 'agent', caller: 'caller' } as const

/** What was decided about the call, and stands in its record alone. */
function decisionEntries({ call, items }: AxisSource, words: AxisWords): Entry[] {
  const decided = (type: string, at: string, title: string, more: object): Entry => {
    const offset = Date.parse(at) - Date.parse(call.created_at)
    const item = { type, at, offset_ms: offset, ...more }
    return {
      key: `${type}@${offset}`,
      lane: 'call',
      fromMs: offset,
      toMs: offset,
      label: title,
      title,
      tone: 'decision',
      items: [item],
    }
  }
  const { machine, next_attempt_at: next, ended_at: ended } = call
  // As an event it stands there already.
  const isTold = items.some(({ type }) => type === 'machine.verdict')
  return [
    ...(machine && !isTold
      ? [decided('machine', machine.at, words.machine(machine.verdict), machine)]
      : []),
    ...(next !== null && ended !== null
      ? [decided('retry', ended, words.retry(), { next_attempt_at: next })]
      : []),
  ]
}

/** Its line stands where the 200 OK stands on the ladder: at the wire's moment, where that is known. */
function guardOnLadder(
  items: readonly TimelineItem[],
  ladder: readonly Entry[],
): GuardEvidence | null {
  const guard = guardEvidence(items)
  const mark = ladder.find(({ items: of }) => of.some(({ type }) => ANSWERED.has(type)))
  return guard === null ? null : { ...guard, answeredMs: mark?.fromMs ?? guard.answeredMs }
}

function extent(
  all: readonly Entry[],
  { call, speech }: AxisSource,
): { readonly fromMs: number; readonly toMs: number } {
  let [fromMs, toMs] = [0, 0]
  for (const entry of all) {
    fromMs = Math.min(fromMs, entry.fromMs)
    toMs = Math.max(toMs, entry.fromMs, Number.isFinite(entry.toMs) ? entry.toMs : 0)
  }
  for (const { to_ms: to } of speech) toMs = Math.max(toMs, to)
  const ended = call.ended_at === null ? 0 : Date.parse(call.ended_at) - Date.parse(call.created_at)
  // What was stored long after the end (a review, a recording after a crash) must not make the call look endless.
  const isLong = ended > 0 && toMs > ended + Math.max(5000, ended * 0.25)
  return { fromMs, toMs: isLong ? ended + 1000 : Math.max(toMs, ended) }
}
