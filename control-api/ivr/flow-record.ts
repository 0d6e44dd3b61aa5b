// What the menu asked on a call and was answered, with the proof of consent: read, and as REST shows it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { FLOW_STEPS, type CallId } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { ConsentsTable, FlowStepsTable } from '../db/schema.ts'
import { nullable, viewTime } from '../view-parts.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })
const ANSWERS = [
  'yes',
  'no',
  'entry',
  'repeat',
  'human',
  'invalid',
  'silence',
  'transfer-failed',
] as const satisfies readonly FlowStepsTable['answer'][]

export const flowStepSchema = Type.Object(
  {
    step: Type.Enum([...FLOW_STEPS]),
    attempt: Type.Integer(),
    language: Type.String({ description: 'ISO 639-1' }),
    prompt_version: Type.String(),
    asked_at: time,
    answered_at: nullable(time),
    answer: Type.Union([Type.Enum([...ANSWERS]), Type.Null()], {
      description: 'Null: the caller was not heard again, or nothing was asked',
    }),
    digits: nullable(Type.String(), 'Where they may be kept, until their time is over'),
  },
  strict,
)

export const consentSchema = Type.Object(
  {
    given: Type.Boolean(),
    at: time,
    prompt_id: Type.String(),
    prompt_version: Type.String(),
    language: Type.String(),
    text_sha256: nullable(
      Type.String(),
      'Of the words that were spoken, in UTF-8; null of an imported consent',
    ),
    digit: nullable(Type.String()),
    attempt: Type.Union([Type.Integer(), Type.Null()]),
    system_version: Type.String({ description: 'Which voicegate asked' }),
    withdrawn_at: nullable(time),
    withdrawn_by: nullable(Type.String(), 'The id of a key'),
  },
  strict,
)

export interface FlowRecord {
  /** Undefined: the call was not in the menu. */
  readonly flow:
    | {
        readonly language: string
        readonly started_at: number
        readonly finished_at: number | null
      }
    | undefined
  readonly steps: readonly FlowStepsTable[]
  readonly consent: ConsentsTable | undefined
}

export async function readFlow(
  { query }: Pick<Database, 'query'>,
  callId: CallId,
): Promise<FlowRecord> {
  const [flow, steps, consent] = await Promise.all([
    query
      .selectFrom('flow_calls')
      .select(['language', 'started_at', 'finished_at'])
      .where('call_id', '=', callId)
      .executeTakeFirst(),
    query
      .selectFrom('flow_steps')
      .selectAll()
      .where('call_id', '=', callId)
      .orderBy('seq')
      .execute(),
    readConsent({ query }, callId),
  ])
  return { flow, steps, consent }
}

/** The last word of the caller. */
export const readConsent = (
  { query }: Pick<Database, 'query'>,
  callId: CallId,
): Promise<ConsentsTable | undefined> =>
  query
    .selectFrom('consents')
    .selectAll()
    .where('call_id', '=', callId)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()

export const viewStep = (row: FlowStepsTable): Static<typeof flowStepSchema> => ({
  step: row.step,
  attempt: row.attempt,
  language: row.language,
  prompt_version: row.prompt_version,
  asked_at: viewTime(row.asked_at),
  answered_at: maybeTime(row.answered_at),
  answer: row.answer,
  digits: row.digits,
})

export const viewConsent = (row: ConsentsTable): Static<typeof consentSchema> => ({
  given: row.given === 1,
  at: viewTime(row.at),
  prompt_id: row.prompt_id,
  prompt_version: row.prompt_version,
  language: row.language,
  text_sha256: row.text_sha256,
  digit: row.digit,
  attempt: row.attempt,
  system_version: row.system_version,
  withdrawn_at: maybeTime(row.withdrawn_at),
  withdrawn_by: row.withdrawn_by,
})

const maybeTime = (at: number | null): string | null => (at === null ? null : viewTime(at))
