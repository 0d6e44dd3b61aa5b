// One call of the old assistant as rows of ours: the call, what it was asked and answered, its consent.
import { createHash } from 'node:crypto'
import { epochMs, type CallId } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { newCallRow } from '../../calls/call-row.ts'
import type { CallRow, ConsentsTable, FlowCallsTable, FlowStepsTable } from '../../db/schema.ts'
import type { OldRow } from './old-database.ts'
import { answerOf, decisionOf, reviewOf, stepOf, textOf, timeOf } from './old-words.ts'

/** Where ours would say which prompt, or which version. */
const LIZA = 'liza'

export interface ImportedCall {
  readonly call: CallRow
  readonly flow: FlowCallsTable | undefined
  readonly steps: readonly FlowStepsTable[]
  readonly consent: ConsentsTable | undefined
  /** Of its conversation: greetings, and what nobody here knows. */
  readonly skippedSteps: number
  /** A status that nobody here knows; undefined: there was none, or it is known. */
  readonly unknownStatus: string | undefined
}

/** The same for the same call, in whichever copy of the database. */
export function callIdOf(row: OldRow<'calls'>): CallId {
  const name = textOf(row.sid) ?? `${textOf(row.id) ?? ''} ${String(timeOf(row.createdAt))}`
  return `call_${hexOf(`call ${name}`)}` as CallId
}

const hexOf = (text: string): string =>
  createHash('sha256').update(`${LIZA} ${text}`).digest('hex').slice(0, 32)

/** @param now of a call without a time */
export function importedCall(
  row: OldRow<'calls'>,
  conversations: readonly OldRow<'conversations'>[],
  now: number,
): ImportedCall {
  const callId = callIdOf(row)
  const times = conversations.flatMap(({ createdAt }) => timeOf(createdAt) ?? [])
  const createdAt = timeOf(row.createdAt) ?? times[0] ?? now
  const endedAt = Math.max(createdAt, timeOf(row.endedAt) ?? times.at(-1) ?? createdAt)
  const language = languageOf(row)
  const steps = stepsOf(callId, conversations, { createdAt, language })
  const decided = decisionOf(row.consent) ?? decidedIn(steps)
  const status = textOf(row.status)
  const review = status === null ? undefined : reviewOf(status)
  const unknownStatus = status !== null && review === undefined ? status : undefined
  const call = callRow(row, { callId, createdAt, endedAt, unknownStatus })
  const asked = steps.find(({ step }) => step === 'consent')?.asked_at
  const at = asked ?? createdAt
  const consented = decided === null ? {} : consentColumns(decided, at, language)
  return {
    call: { ...call, language, review_status: review ?? null, ...consented },
    flow: steps.length === 0 ? undefined : flowRow(callId, { steps, language, createdAt, endedAt }),
    steps,
    consent:
      decided === null ? undefined : consentRow(call, { given: decided, at, language, steps }),
    skippedSteps: conversations.length - steps.length,
    unknownStatus,
  }
}

interface Times {
  readonly callId: CallId
  readonly createdAt: number
  readonly endedAt: number
  readonly unknownStatus: string | undefined
}

function callRow(
  row: OldRow<'calls'>,
  { callId, createdAt, endedAt, unknownStatus }: Times,
): CallRow {
  const notes = textOf(row.notes)
  const fresh = newCallRow(
    {
      callId,
      direction: 'inbound',
      from: numberOf(row.number),
      to: numberOf(row.to) ?? 'unknown',
      trunk: 'twilio',
      provider: 'twilio',
      createdAt: epochMs(createdAt),
      metadata: {
        imported_from: LIZA,
        ...(notes === null ? {} : { notes }),
        ...(unknownStatus === undefined ? {} : { old_status: unknownStatus }),
      },
    },
    0,
  )
  return {
    ...fresh,
    provider: 'twilio',
    status: 'ended',
    outcome: 'answered',
    termination_result: 'indeterminate',
    termination_reason: 'hangup',
    termination_by: 'caller',
    invited_at: createdAt,
    answered_at: createdAt,
    ended_at: endedAt,
  }
}

function numberOf(value: unknown): string | null {
  const text = textOf(value)
  return text === null ? null : (decodePhoneNumber(text) ?? text.slice(0, 64))
}

/** `de-DE` and `German` are `de`. */
function languageOf(row: OldRow<'calls'>): string {
  const text = textOf(row.language)?.toLowerCase() ?? ''
  if (/^(en|англ)/.test(text)) return 'en'
  return /^(ru|рус)/.test(text) ? 'ru' : 'de'
}

function stepsOf(
  callId: CallId,
  conversations: readonly OldRow<'conversations'>[],
  { createdAt, language }: { readonly createdAt: number; readonly language: string },
): readonly FlowStepsTable[] {
  const asked = new Map<string, number>()
  return conversations
    .flatMap((row) => {
      const step = stepOf(textOf(row.step) ?? '')
      return step === undefined ? [] : [{ row, step }]
    })
    .map(({ row, step }, seq) => {
      const attempt = (asked.get(step) ?? 0) + 1
      asked.set(step, attempt)
      const at = timeOf(row.createdAt) ?? createdAt
      const { answer, digits } = answerOf(step, row.answer)
      return {
        call_id: callId,
        seq,
        step,
        attempt,
        language,
        prompt_version: LIZA,
        asked_at: at,
        answered_at: answer === null ? null : at,
        answer,
        digits,
        turn: null,
      }
    })
}

/** The last decision counts. */
function decidedIn(steps: readonly FlowStepsTable[]): boolean | null {
  const last = steps.findLast(
    ({ step, answer }) => step === 'consent' && (answer === 'yes' || answer === 'no'),
  )
  return last === undefined ? null : last.answer === 'yes'
}

const consentColumns = (given: boolean, at: number, language: string): Partial<CallRow> => ({
  consent_given: given ? 1 : 0,
  consent_at: at,
  consent_prompt_version: LIZA,
  consent_language: language,
})

function flowRow(
  callId: CallId,
  flow: {
    readonly steps: readonly FlowStepsTable[]
    readonly language: string
    readonly createdAt: number
    readonly endedAt: number
  },
): FlowCallsTable {
  const { steps, language, createdAt, endedAt } = flow
  return {
    call_id: callId,
    state: null,
    seq: steps.length - 1,
    language,
    has_agent: 0,
    started_at: createdAt,
    finished_at: endedAt,
    ended_at: endedAt,
    updated_at: endedAt,
  }
}

function consentRow(
  call: CallRow,
  consent: {
    readonly given: boolean
    readonly at: number
    readonly language: string
    readonly steps: readonly FlowStepsTable[]
  },
): ConsentsTable {
  const { given, at, language, steps } = consent
  const step = steps.findLast(({ step: name, digits }) => name === 'consent' && digits !== null)
  return {
    consent_id: `consent_${hexOf(`consent ${call.call_id}`)}`,
    call_id: call.call_id,
    provider: 'twilio',
    number: decodePhoneNumber(call.from_number ?? '') ?? null,
    at,
    given: given ? 1 : 0,
    prompt_id: LIZA,
    prompt_version: LIZA,
    language,
    text_sha256: null,
    digit: step?.digits ?? null,
    attempt: step?.attempt ?? null,
    system_version: LIZA,
    withdrawn_at: null,
    withdrawn_by: null,
  }
}
