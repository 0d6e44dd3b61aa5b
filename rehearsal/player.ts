// Plays one scenario on the stage and brings back the evidence. Every wait has a deadline; what goes wrong on the way is
// part of the evidence.
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, messageOf } from '#core/errors'
import type { CarrierCallRecord } from '#simulators/carrier'
import type { AgentSessionRecord } from '#simulators/elevenlabs'
import type { TimelineItem } from './control-client.ts'
import type { Rung } from './ladder.ts'
import { watchLadder } from './live-ladder.ts'
import { OWN_NUMBER } from './numbers.ts'
import { decodeRecording, type RecordingFacts } from './recording.ts'
import type { InboundScenario, OutboundScenario, Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'
import type { CallFacts, MenuFacts, Take, TimelineFact } from './take.ts'

const CALL_APPEARS_MS = 5000
const CALL_ENDS_MS = 40_000
/** Simulators and database learn of the end a moment after the product. */
const EVIDENCE_SETTLES_MS = 2000
/** It is closed, summed up and stored after the end. */
const RECORDING_STORED_MS = 3000
const POLL_MS = 25
/** While they talk the product is asked seldom: it has calls to carry. At once when the carrier saw the end. */
const ASK_MS = 500

/** Of the range that Germany keeps for films: +49 30 23125 000 to 999. */
const numberOf = (index: number): string => `+493023125${String(500 + index).padStart(3, '0')}`

interface Progress {
  call: CallFacts | null
  carrier: CarrierCallRecord | null
}

export interface PlayOptions {
  readonly signal: AbortSignal
  /** Told of each rung of the ladder as it is seen; nobody looks when absent. */
  readonly onRung?: ((rung: Rung) => void) | undefined
}

/** @param index distinct for each call of a run: it gives the call its own number and agent */
export async function play(
  stage: Stage,
  scenario: Scenario,
  index: number,
  { signal, onRung }: PlayOptions,
): Promise<Take> {
  const progress: Progress = { call: null, carrier: null }
  const number = numberOf(index)
  const sessions = (): AgentSessionRecord[] => sessionsOf(stage, scenario, number, progress)
  const known = () => ({ ...progress, callId: progress.call?.callId, sessions: sessions() })
  const endWatch = onRung && watchLadder(stage, known, onRung)
  let recording: RecordingFacts | null = null
  let menu: MenuFacts | null = null
  let broken: string | null = null
  try {
    await (scenario.direction === 'outbound'
      ? placeCall(stage, scenario, number, progress, signal)
      : takeCall(stage, scenario, number, progress, signal))
    await untilEnded(stage, scenario, progress, sessions, signal)
    await settle(progress, sessions, signal)
    if (scenario.recorded === true) recording = await recordingOf(stage, progress, signal)
    if (scenario.menu === true && progress.call)
      menu = await stage.control.menu(progress.call.callId)
  } catch (error) {
    broken = messageOf(error)
    if (progress.carrier) stage.carrier.hangUp(progress.carrier)
  } finally {
    endWatch?.()
  }
  return { ...(await collect(stage, progress, sessions(), broken)), recording, menu }
}

const agentOf = (scenario: Scenario, number: string, stage: Stage): string =>
  scenario.direction === 'outbound' ? `agent_${digits(number)}` : stage.defaultAgentId

async function placeCall(
  stage: Stage,
  scenario: OutboundScenario,
  number: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const agentId = agentOf(scenario, number, stage)
  stage.agent.script(agentId, scenario.agent ?? {})
  stage.carrier.script(number, scenario.phone)
  const ring = scenario.ringTimeoutSeconds
  progress.call = await stage.control.start({
    phone_number: number,
    agent_id: agentId,
    ...(ring === undefined ? {} : { ring_timeout_seconds: ring }),
  })
  const find = (): CarrierCallRecord | undefined =>
    stage.carrier.calls.find(({ to }) => digits(to) === digits(number))
  progress.carrier = await poll('the INVITE at the carrier', CALL_APPEARS_MS, find, signal)
}

async function takeCall(
  stage: Stage,
  scenario: InboundScenario,
  number: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress.carrier = await stage.carrier.call({
    to: stage.sipUri(scenario.number ?? OWN_NUMBER),
    from: number,
    script: scenario.phone,
  })
  const find = async (): Promise<CallFacts | undefined> =>
    (await stage.control.inboundCalls()).find(({ from }) => digits(from ?? '') === digits(number))
  progress.call = await poll('the record of the inbound call', CALL_APPEARS_MS, find, signal)
}

const digits = (number: string): string => number.replace(/\D/g, '')

async function untilEnded(
  stage: Stage,
  scenario: Scenario,
  progress: Progress,
  sessions: () => readonly AgentSessionRecord[],
  signal: AbortSignal,
): Promise<void> {
  let hungUp = false
  let askedAt = Number.NEGATIVE_INFINITY
  const find = async (): Promise<true | undefined> => {
    const { call, carrier } = progress
    if (!call || !carrier) return undefined
    const when = scenario.direction === 'outbound' ? scenario.apiHangsUpWhen : undefined
    if (!hungUp && when?.({ carrier, sessions: sessions(), now: stage.clock.now() })) {
      hungUp = true
      await stage.control.hangUp(call.callId)
    }
    if (carrier.endedAt === null && performance.now() - askedAt < ASK_MS) return undefined
    askedAt = performance.now()
    progress.call = await stage.control.call(call.callId)
    return progress.call.status === 'ended' ? true : undefined
  }
  const timeoutMs = CALL_ENDS_MS + (scenario.lastsSeconds ?? 0) * 1000
  await poll('the end of the call', timeoutMs, find, signal)
}

/** What never settles is left to the checks, which name it. */
async function settle(
  { carrier }: Progress,
  sessions: () => readonly AgentSessionRecord[],
  signal: AbortSignal,
): Promise<void> {
  const find = (): true | undefined => {
    const open = sessions().some(({ closedAt }) => closedAt === null)
    return carrier?.endedAt !== null && !open ? true : undefined
  }
  await poll('the evidence', EVIDENCE_SETTLES_MS, find, signal).catch((error: unknown) => {
    if (signal.aborted) throw error
  })
}

/** Null when it does not come: the scenario's check says so. */
async function recordingOf(
  stage: Stage,
  { call }: Progress,
  signal: AbortSignal,
): Promise<RecordingFacts | null> {
  const deadline = performance.now() + RECORDING_STORED_MS
  while (call && performance.now() < deadline) {
    signal.throwIfAborted()
    const file = await stage.control.recording(call.callId)
    if (file) return decodeRecording(file)
    await sleep(POLL_MS)
  }
  return null
}

async function collect(
  stage: Stage,
  { call, carrier }: Progress,
  sessions: readonly AgentSessionRecord[],
  broken: string | null,
): Promise<Omit<Take, 'recording' | 'menu'>> {
  const takenAt = stage.clock.now()
  const known = { call, carrier, sessions, stalls: [...stage.stallWatch.stalls], takenAt }
  try {
    const items = call === null ? [] : await stage.control.timeline(call.callId)
    const counted = await stage.control.metric('voicegate_agent_sessions_before_answer_total')
    const timeline = onSimulatorsClock(items, stage.productAheadMs)
    return { ...known, timeline, sessionsBeforeAnswerMetric: counted, broken }
  } catch (error) {
    const reason = broken ?? messageOf(error)
    return { ...known, timeline: [], sessionsBeforeAnswerMetric: null, broken: reason }
  }
}

/**
 * REST cuts times to the millisecond but gives offsets to the microsecond: the latest beginning that all items allow
 * is within a millisecond of the true one.
 */
function onSimulatorsClock(
  items: readonly TimelineItem[],
  productAheadMs: number,
): readonly TimelineFact[] {
  const createdAt = Math.max(...items.map(({ at, offsetMs }) => at - offsetMs))
  return items.map(({ offsetMs, type, fields }) => {
    return { at: createdAt + offsetMs - productAheadMs, type, fields }
  })
}

/** An outbound scenario has an agent of its own; inbound ones share one and are told apart by the call id it was given. */
function sessionsOf(
  stage: Stage,
  scenario: Scenario,
  number: string,
  { call }: Progress,
): AgentSessionRecord[] {
  const agentId = agentOf(scenario, number, stage)
  const own = stage.agent.sessions.filter((session) => session.agentId === agentId)
  return scenario.direction === 'outbound'
    ? own
    : own.filter(({ initiation }) => callIdOf(initiation) === call?.callId)
}

function callIdOf(initiation: AgentSessionRecord['initiation']): unknown {
  const variables = initiation?.['dynamic_variables']
  return typeof variables === 'object' && variables !== null && 'call_id' in variables
    ? variables.call_id
    : undefined
}

async function poll<T>(
  name: string,
  timeoutMs: number,
  find: () => T | undefined | Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    signal.throwIfAborted()
    const found = await find()
    if (found !== undefined) return found
    if (performance.now() >= deadline)
      throw new AppError('TIMED_OUT', `${name} took longer than ${timeoutMs} ms`)
    await sleep(POLL_MS)
  }
}
