// Where calls stand in the menu, in the database: what a turn needs of it, and the statements that one answer writes.
import { randomUUID } from 'node:crypto'
import { sql, type Compilable } from 'kysely'
import {
  epochMs,
  type CallDirection,
  type CallEventData,
  type CallId,
  type CallProvider,
  type EpochMs,
  type FlowAnswer,
  type FlowTurn,
} from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import type { Database } from '../db/database.ts'
import type { FlowAnswerWord, FlowState } from './flow-state.ts'

/** Whose consent it is. */
export interface Party {
  readonly provider: CallProvider
  /** E.164, else null. */
  readonly number: string | null
}

/** A call in the menu. */
export interface OpenFlow {
  readonly party: Party
  readonly state: FlowState
  /** Of the turn. */
  readonly seq: number
  readonly turn: FlowTurn
  readonly isEnded: boolean
}

export interface NewFlow {
  readonly callId: CallId
  readonly state: FlowState
  readonly turn: FlowTurn
  readonly promptVersion: string
  readonly hasAgent: boolean
  readonly at: EpochMs
}

export interface Advance {
  readonly callId: CallId
  /** Of the turn that was answered. */
  readonly seq: number
  readonly answer: FlowAnswerWord
  /** Where they may be kept. */
  readonly digits?: string
  readonly state: FlowState
  readonly turn: FlowTurn
  readonly promptVersion: string
  readonly at: EpochMs
}

export interface AskedConsent {
  readonly callId: CallId
  readonly party: Party
  readonly at: EpochMs
  readonly given: boolean
  readonly digit: string
  readonly attempt: number
  readonly prompt: {
    readonly id: string
    readonly version: string
    readonly language: string
    readonly textSha256: string
  }
  readonly systemVersion: string
}

/** A consent of which the timeline says nothing yet. */
export interface UntoldConsent {
  readonly callId: CallId
  readonly at: EpochMs
  readonly data: CallEventData['consent.given']
}

export interface FlowStore {
  load(callId: CallId): Promise<OpenFlow | undefined>
  /** The turn that followed this answer, if it was given. */
  following(callId: CallId, answer: FlowAnswer): Promise<FlowTurn | undefined>
  /** Fails as a whole when the call has begun already. */
  begun(flow: NewFlow): readonly Compilable[]
  /** Fails as a whole when the turn was answered already: the next one has its place. */
  advanced(advance: Advance): readonly Compilable[]
  /** The proof, and what the call's own row says of it. */
  consented(consent: AskedConsent): readonly Compilable[]
  /** The call is over. */
  ended(callId: CallId, at: EpochMs): readonly Compilable[]
  /** Calls whose menu is open, as far as is known here. */
  open(): Promise<readonly CallId[]>
  /** Calls that are over though nobody said so here. */
  endedUnseen(): Promise<readonly { readonly callId: CallId; readonly at: EpochMs }[]>
  untoldConsents(): Promise<readonly UntoldConsent[]>
}

/** Calls that a crash can have cut off. */
const MOST_CUT_OFF = 10_000

export function createFlowStore({ query }: Pick<Database, 'query'>): FlowStore {
  return {
    load: (callId) => load(query, callId),
    following: (callId, answer) => following(query, callId, answer),
    begun: (flow) => begun(query, flow),
    advanced: (advance) => advanced(query, advance),
    consented: (consent) => consented(query, consent),
    ended: (callId, at) => ended(query, callId, at),
    open: () => open(query),
    endedUnseen: () => endedUnseen(query),
    untoldConsents: () => untoldConsents(query),
  }
}

type Query = Database['query']

export const partyOf = (call: {
  readonly direction: CallDirection
  readonly from: string | null
  readonly to: string
  readonly provider?: CallProvider | undefined
}): Party => ({
  provider: call.provider ?? 'sip',
  number: decodePhoneNumber((call.direction === 'inbound' ? call.from : call.to) ?? '') ?? null,
})

async function load(query: Query, callId: CallId): Promise<OpenFlow | undefined> {
  const row = await query
    .selectFrom('flow_calls')
    .innerJoin('flow_steps', (join) =>
      join
        .onRef('flow_steps.call_id', '=', 'flow_calls.call_id')
        .onRef('flow_steps.seq', '=', 'flow_calls.seq'),
    )
    .leftJoin('calls', 'calls.call_id', 'flow_calls.call_id')
    .select(['flow_calls.state', 'flow_calls.seq', 'flow_calls.ended_at', 'flow_steps.turn'])
    .select(['calls.direction', 'calls.from_number', 'calls.to_number', 'calls.provider'])
    .where('flow_calls.call_id', '=', callId)
    .executeTakeFirst()
  // Without a turn it was erased, which no call is that goes on.
  if (!row || row.turn === null) return undefined
  const { direction, from_number: from, to_number: to } = row
  return {
    party: partyOf({
      direction: direction ?? 'inbound',
      from,
      to: to ?? '',
      provider: (row.provider ?? 'sip') as CallProvider,
    }),
    // We wrote both ourselves, so their shape is taken on trust.
    state: JSON.parse(row.state ?? '{}') as FlowState,
    seq: row.seq,
    turn: JSON.parse(row.turn) as FlowTurn,
    isEnded: row.ended_at !== null || row.state === null,
  }
}

async function following(
  query: Query,
  callId: CallId,
  { step, attempt }: FlowAnswer,
): Promise<FlowTurn | undefined> {
  const row = await query
    .selectFrom('flow_steps as asked')
    .innerJoin('flow_steps as next', (join) =>
      join
        .onRef('next.call_id', '=', 'asked.call_id')
        .on((on) => on('next.seq', '=', on('asked.seq', '+', on.lit(1)))),
    )
    .select('next.turn')
    .where('asked.call_id', '=', callId)
    .where('asked.step', '=', step)
    .where('asked.attempt', '=', attempt)
    .orderBy('asked.seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const text = row?.turn ?? null
  return text === null ? undefined : (JSON.parse(text) as FlowTurn)
}

function begun(query: Query, flow: NewFlow): readonly Compilable[] {
  const { callId, state, turn, hasAgent, at } = flow
  return [
    query.insertInto('flow_calls').values({
      call_id: callId,
      state: JSON.stringify(state),
      seq: 0,
      language: turn.language,
      has_agent: hasAgent ? 1 : 0,
      started_at: at,
      finished_at: finishedAt(turn, at),
      ended_at: null,
      updated_at: at,
    }),
    asked(query, { ...flow, seq: 0 }),
  ]
}

function advanced(query: Query, advance: Advance): readonly Compilable[] {
  const { callId, seq, answer, digits = null, state, turn, at } = advance
  return [
    // First of all: who comes second fails here.
    asked(query, { ...advance, seq: seq + 1 }),
    query
      .updateTable('flow_steps')
      .set({ answered_at: at, answer, digits })
      .where('call_id', '=', callId)
      .where('seq', '=', seq),
    query
      .updateTable('flow_calls')
      .set({
        state: JSON.stringify(state),
        seq: seq + 1,
        updated_at: at,
        finished_at: finishedAt(turn, at),
      })
      .where('call_id', '=', callId),
  ]
}

const asked = (
  query: Query,
  {
    callId,
    seq,
    turn,
    promptVersion,
    at,
  }: Pick<Advance, 'callId' | 'seq' | 'at' | 'turn'> & {
    readonly promptVersion: string
  },
): Compilable =>
  query.insertInto('flow_steps').values({
    call_id: callId,
    seq,
    step: turn.step,
    attempt: turn.attempt,
    language: turn.language,
    prompt_version: promptVersion,
    asked_at: at,
    answered_at: null,
    answer: null,
    digits: null,
    turn: JSON.stringify(turn),
  })

/** The menu's part is over; with a transfer that fails it goes on. */
const finishedAt = ({ then }: FlowTurn, at: EpochMs): EpochMs | null =>
  then.kind === 'listen' ? null : at

/** Nothing is asked any more. */
export function isLast({ then }: FlowTurn): boolean {
  switch (then.kind) {
    case 'hang-up':
    case 'agent':
      return true
    case 'listen':
    case 'transfer':
      return false
    default:
      return then satisfies never
  }
}

function consented(query: Query, consent: AskedConsent): readonly Compilable[] {
  const { callId, party, at, given, digit, attempt, prompt, systemVersion } = consent
  return [
    query.insertInto('consents').values({
      consent_id: `consent_${randomUUID().replaceAll('-', '')}`,
      call_id: callId,
      provider: party.provider,
      number: party.number,
      at,
      given: given ? 1 : 0,
      prompt_id: prompt.id,
      prompt_version: prompt.version,
      language: prompt.language,
      text_sha256: prompt.textSha256,
      digit,
      attempt,
      system_version: systemVersion,
      withdrawn_at: null,
      withdrawn_by: null,
    }),
    // The recorder will say the same with the event; a crash between the two must not lose it.
    query
      .updateTable('calls')
      .set({
        consent_given: given ? 1 : 0,
        consent_at: at,
        consent_prompt_version: prompt.version,
        consent_language: prompt.language,
      })
      .where('call_id', '=', callId),
  ]
}

/** The state is for the next turn alone; the turns stay, for who repeats his request. */
const ended = (query: Query, callId: CallId, at: EpochMs): readonly Compilable[] => [
  query
    .updateTable('flow_calls')
    .set({
      state: null,
      ended_at: at,
      finished_at: sql`coalesce(finished_at, ${at})`,
      updated_at: at,
    })
    .where('call_id', '=', callId)
    .where('ended_at', 'is', null),
]

async function open(query: Query): Promise<readonly CallId[]> {
  const rows = await query
    .selectFrom('flow_calls')
    .select('call_id')
    .where('ended_at', 'is', null)
    .limit(MOST_CUT_OFF)
    .execute()
  return rows.map(({ call_id: callId }) => callId as CallId)
}

async function endedUnseen(query: Query) {
  const rows = await query
    .selectFrom('flow_calls')
    .innerJoin('calls', 'calls.call_id', 'flow_calls.call_id')
    .select(['flow_calls.call_id', 'calls.ended_at'])
    .where('flow_calls.ended_at', 'is', null)
    .where('calls.ended_at', 'is not', null)
    .limit(MOST_CUT_OFF)
    .execute()
  return rows.map((row) => ({
    callId: row.call_id as CallId,
    at: epochMs(row.ended_at ?? 0),
  }))
}

async function untoldConsents(query: Query): Promise<readonly UntoldConsent[]> {
  const rows = await query
    .selectFrom('flow_calls')
    .innerJoin('consents', 'consents.call_id', 'flow_calls.call_id')
    .innerJoin('calls', 'calls.call_id', 'flow_calls.call_id')
    .select(['consents.call_id', 'consents.at', 'consents.given'])
    .select(['consents.prompt_version', 'consents.language'])
    .where('flow_calls.ended_at', 'is', null)
    .where('calls.events_deleted_at', 'is', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('call_events')
            .select('call_events.seq')
            .whereRef('call_events.call_id', '=', 'flow_calls.call_id')
            .where('call_events.type', '=', 'consent.given'),
        ),
      ),
    )
    .limit(MOST_CUT_OFF)
    .execute()
  return rows.map((row) => ({
    callId: row.call_id as CallId,
    at: epochMs(row.at),
    data: {
      given: row.given === 1,
      promptVersion: row.prompt_version,
      language: row.language,
    },
  }))
}
