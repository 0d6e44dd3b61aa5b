// A message about a call whose record is closed: the history told of its end, or we gave it up, and now its scenario says
// what neither knew. The end stays as it is; what is missing is added behind it, with times that fit what is known.
import { epochMs, type CallEvent, type CallId, type EpochMs } from '#core/contracts'
import { decodeCallEvent } from '../../calls/repository.ts'
import type { CallRow } from '../../db/schema.ts'
import { countAgent } from './agent-count.ts'
import type { VendorCallChange, VendorCallRow } from './call-store.ts'
import { clockOffset, within } from './scenario-clock.ts'
import type { ScenarioMessage } from './scenario-message.ts'
import { agentClosed } from './session-end.ts'
import { factsOf, type SessionFact } from './session-facts.ts'
import type { LiveDesk } from './live-desk.ts'

/** The rest the record has, or its audio brings. */
const ADDED: ReadonlySet<CallEvent['type']> = new Set([
  'provider.answered',
  'provider.stream_started',
  'machine.verdict',
  'consent.given',
  'agent.attempted',
  'agent.opened',
  'agent.metadata',
  'agent.first_audio',
  'agent.closed',
])
/** The history counts in whole seconds, its end and its duration. */
const ROUNDING_MS = 2000

export async function addLate(
  desk: LiveDesk,
  row: VendorCallRow,
  message: ScenarioMessage,
): Promise<'taken' | 'known' | 'ignored'> {
  const callId = row.call_id as CallId
  const call = await desk.calls.find(callId)
  if (call?.ended_at == null || call.erased_at !== null || call.events_deleted_at !== null)
    return 'ignored'
  const ledger = (await desk.calls.events(callId)).map(decodeCallEvent)
  const facts = missing(ledger, call, message, desk.clock.now())
  const count = countAgent(desk.metrics, isAgentOpen(ledger))
  for (const fact of facts) {
    const event = { ...fact, callId }
    await desk.recorder.append(event)
    count(event)
  }
  const change = changeOf(row, facts, message)
  if (Object.keys(change).length > 0) await desk.store.change(callId, change, desk.clock.now())
  return facts.length > 0 ? 'taken' : 'known'
}

/** Opened, and never closed: its seconds come with its close. */
function isAgentOpen(ledger: readonly CallEvent[]): boolean {
  const told = new Set(ledger.map(({ type }) => type))
  return told.has('agent.opened') && !told.has('agent.closed')
}

function missing(
  ledger: readonly CallEvent[],
  call: CallRow,
  { sessionId, snapshot, sentAt }: ScenarioMessage,
  now: EpochMs,
): readonly SessionFact[] {
  const told = new Set(ledger.map(({ type }) => type))
  const timeOf = clockOf(call, { connected: snapshot.at.connected, sentAt, now })
  const attempted = ledger.find((event) => event.type === 'agent.attempted')
  const evidence = attempted?.data.evidence
  const closed = agentClosed(snapshot, epochMs(call.ended_at ?? now), { timeOf })
  return [
    ...factsOf(snapshot, { sessionId, timeOf, evidence }),
    ...(closed ? [closed] : []),
  ].filter((fact) => ADDED.has(fact.type) && !told.has(fact.type) && !isAfterEnd(fact, call))
}

/** Nobody picked up what was over: a talk would last less than nothing. */
const isAfterEnd = ({ type, at }: SessionFact, { ended_at: endedAt }: CallRow): boolean =>
  type === 'provider.answered' && endedAt !== null && at > endedAt

interface Clocks {
  readonly connected: number | null
  readonly sentAt: number | null
  readonly now: EpochMs
}

/** By the answer that both know, so that what is told is in the order it was there. */
function clockOf(
  { created_at: from, answered_at: answeredAt, ended_at: endedAt }: CallRow,
  { connected, sentAt, now }: Clocks,
): (moment: number) => EpochMs {
  const ofSending = sentAt === null ? 0 : clockOffset(sentAt, now)
  const offset =
    answeredAt !== null && connected !== null ? clockOffset(connected, answeredAt) : ofSending
  return (moment) => {
    const at = within(moment + offset, { from, to: now })
    const isRounded = endedAt !== null && at > endedAt && at - endedAt < ROUNDING_MS
    return isRounded ? epochMs(endedAt) : at
  }
}

function changeOf(
  row: VendorCallRow,
  facts: readonly SessionFact[],
  { snapshot: { recordingUrl } }: ScenarioMessage,
): VendorCallChange {
  const hasAudio = row.recording_url === null && recordingUrl !== null
  const hasConversation = facts.some(({ type }) => type === 'agent.metadata')
  return {
    ...(hasAudio ? { recording_url: recordingUrl } : {}),
    ...(hasAudio || hasConversation ? { is_pending: 1 } : {}),
  }
}
