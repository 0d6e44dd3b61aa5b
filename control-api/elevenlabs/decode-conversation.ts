// A conversation as the vendor tells of it, by REST and by webhook alike (GET /v1/convai/conversations/{id}, read autumn
// 2026): the parts that we keep. What is missing is null; only an id and a status are needed.
import { epochMs, type EpochMs } from '#core/contracts'

export interface VendorConversation {
  readonly conversationId: string
  readonly agentId: string | null
  readonly status: string
  readonly hasAudio: boolean
  readonly startedAt: EpochMs | null
  readonly durationSeconds: number | null
  readonly costCredits: number | null
  readonly costUsd: number | null
  readonly terminationReason: string | null
  readonly successful: string | null
  readonly summary: string | null
  /** As it was sent; of the transcript without keys that were pressed. */
  readonly analysis: object | null
  readonly transcript: readonly unknown[]
  readonly charging: object | null
}

/** Whether the vendor is done with it, one way or another. */
export const isOver = ({ status }: VendorConversation): boolean =>
  status === 'done' || status === 'failed'

/** As ids of the vendor look; anything else is no part of a path or of a file's name. */
const ID = /^[A-Za-z0-9_-]{1,128}$/
export const isVendorId = (text: string): boolean => ID.test(text)

const MAX_TEXT_CHARS = 16_384
const MAX_WORD_CHARS = 64

/** Undefined: that is no conversation. */
export function decodeConversation(value: unknown): VendorConversation | undefined {
  const fields = fieldsOf(value)
  const conversationId = textOf(fields['conversation_id'])
  const status = textOf(fields['status'], MAX_WORD_CHARS)
  if (conversationId === null || !isVendorId(conversationId) || status === null) return undefined
  const metadata = fieldsOf(fields['metadata'])
  const analysis = fieldsOf(fields['analysis'])
  const startedSeconds = amountOf(metadata['start_time_unix_secs'])
  return {
    conversationId,
    status,
    agentId: textOf(fields['agent_id'], 128),
    hasAudio: fields['has_audio'] === true,
    startedAt: startedSeconds === null ? null : epochMs(startedSeconds * 1000),
    durationSeconds: amountOf(metadata['call_duration_secs']),
    costCredits: amountOf(metadata['cost']),
    costUsd: amountOf(metadata['cost_fiat']),
    terminationReason: textOf(metadata['termination_reason']),
    successful: textOf(analysis['call_successful'], MAX_WORD_CHARS),
    summary: textOf(analysis['transcript_summary']),
    analysis: objectOf(fields['analysis']),
    transcript: Array.isArray(fields['transcript']) ? fields['transcript'].map(withoutKeys) : [],
    charging: objectOf(metadata['charging']),
  }
}

/** What we send of pressed keys (AGENT_DTMF): which they were is kept nowhere, as no flow asked for them. */
const PRESSED_KEYS = /^[0-9*#A-D]+$/

/** Digits alone may also have been spoken; those stand in our own transcript. */
function withoutKeys(turn: unknown): unknown {
  const { role, message } = fieldsOf(turn)
  const isHidden = role === 'user' && typeof message === 'string' && PRESSED_KEYS.test(message)
  return isHidden ? { ...fieldsOf(turn), message: '(keys)', original_message: null } : turn
}

const objectOf = (value: unknown): object | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null

export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  (objectOf(value) ?? {}) as Readonly<Record<string, unknown>>

function textOf(value: unknown, most = MAX_TEXT_CHARS): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, most) : null
}

const amountOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
