// What a scenario sends, decoded tolerantly: what is signed and cannot be read is an older or a newer scenario of ours, and
// whatever else it says is worth having.
import { AppError } from '#core/errors'
import { isVendorId } from '../../elevenlabs/decode-conversation.ts'
import {
  MOMENTS,
  SESSION_ENDERS,
  SESSION_OUTCOMES,
  type Moment,
  type SessionEnd,
  type Snapshot,
} from './snapshot.ts'

export interface ScenarioMessage {
  readonly sessionId: string
  readonly token: string | null
  /** By the scenario's clock. */
  readonly sentAt: number | null
  readonly snapshot: Snapshot
}

export interface TokenRequest {
  readonly sessionId: string
  readonly token: string
  readonly sentAt: number | null
}

/** @throws AppError `REQUEST_INVALID` */
export function decodeScenarioMessage(body: Buffer): ScenarioMessage {
  const fields = decodeObject(body)
  return {
    sessionId: sessionIdIn(fields),
    token: textIn(fields, 'token', MAX_TOKEN),
    sentAt: momentIn(fields['sent_at']),
    snapshot: decodeSnapshot(fields),
  }
}

/** @throws AppError `REQUEST_INVALID` */
export function decodeTokenRequest(body: Buffer): TokenRequest {
  const fields = decodeObject(body)
  const token = textIn(fields, 'token', MAX_TOKEN)
  if (token === null) throw new AppError('REQUEST_INVALID', 'There is no token.')
  return { sessionId: sessionIdIn(fields), token, sentAt: momentIn(fields['sent_at']) }
}

const MAX_TOKEN = 200
const MAX_URL = 2048
const MAX_WORDS = 200

function decodeSnapshot(fields: Fields): Snapshot {
  const at = fieldsOf(fields['at'])
  return {
    direction: fields['direction'] === 'inbound' ? 'inbound' : 'outbound',
    from: textIn(fields, 'from', 64),
    to: textIn(fields, 'to', 64) ?? '',
    at: Object.fromEntries(MOMENTS.map((moment) => [moment, momentIn(at[moment])])) as Record<
      Moment,
      number | null
    >,
    conversationId: conversationIn(fields),
    controlUrl: textIn(fields, 'control_url', MAX_URL),
    consent: decodeConsent(fieldsOf(fields['consent'])),
    machine: decodeMachine(fieldsOf(fields['machine'])),
    recordingUrl: textIn(fields, 'recording_url', MAX_URL),
    agentClose: isObject(fields['agent_close']) ? decodeClose(fields['agent_close']) : null,
    ended: isObject(fields['ended']) ? decodeEnd(fields['ended']) : null,
  }
}

function conversationIn(fields: Fields): string | null {
  const id = textIn(fields, 'conversation_id', 128)
  return id !== null && isVendorId(id) ? id : null
}

function decodeConsent(fields: Fields): Snapshot['consent'] {
  const at = momentIn(fields['at'])
  if (typeof fields['given'] !== 'boolean' || at === null) return null
  const prompt = textIn(fields, 'prompt', 64) ?? 'unknown'
  const language = textIn(fields, 'language', 16) ?? 'unknown'
  return { given: fields['given'], at, prompt, language }
}

function decodeMachine(fields: Fields): Snapshot['machine'] {
  const at = momentIn(fields['at'])
  const verdict = (['human', 'machine', 'unknown'] as const).find(
    (one) => one === fields['verdict'],
  )
  return at === null || verdict === undefined ? null : { verdict, at }
}

const decodeClose = (fields: Fields): Snapshot['agentClose'] => ({
  code: codeIn(fields),
  reason: textIn(fields, 'reason', MAX_WORDS) ?? '',
  isClean: fields['clean'] === true,
})

/** Whatever it says: a last word is the last. */
const decodeEnd = (fields: Fields): SessionEnd => ({
  outcome: SESSION_OUTCOMES.find((one) => one === fields['outcome']) ?? 'failed',
  by: SESSION_ENDERS.find((one) => one === fields['by']) ?? 'carrier',
  code: codeIn(fields),
  reason: textIn(fields, 'reason', MAX_WORDS) ?? '',
  cost: costIn(fields),
})

/** No call costs more. */
const MAX_COST = 1e6

/** With its recording's, where that was known in time. */
function costIn({ cost, record_cost: recordCost }: Fields): number | null {
  if (!isCost(cost)) return null
  const sum = cost + (isCost(recordCost) ? recordCost : 0)
  return isCost(sum) ? sum : null
}

const isCost = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_COST

type Fields = Readonly<Record<string, unknown>>

function decodeObject(body: Buffer): Fields {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new AppError('REQUEST_INVALID', 'The body is not JSON.', { cause: error })
  }
  if (!isObject(value)) throw new AppError('REQUEST_INVALID', 'The body is no JSON object.')
  return value
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {})

/** Cut: a long reason is better than none. */
function textIn(fields: Fields, name: string, maxChars: number): string | null {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, maxChars) : null
}

function codeIn({ code }: Fields): number | null {
  return typeof code === 'number' && Number.isInteger(code) && Math.abs(code) < 100_000
    ? code
    : null
}

/** Between 2001 and 2286: anything else is no time of a call. */
const momentIn = (value: unknown): number | null =>
  typeof value === 'number' && value > 1e12 && value < 1e13 ? value : null

function sessionIdIn(fields: Fields): string {
  const value = fields['session_id']
  const id = typeof value === 'number' ? String(value) : value
  if (typeof id === 'string' && /^\d{1,20}$/.test(id)) return id
  throw new AppError('REQUEST_INVALID', 'session_id is not the id of a session.')
}
