// A transcript of the old panel: the JSON of the agent's vendor as it was fetched, alone or in the conversation around it.
import { decodeConversation, fieldsOf } from '../../elevenlabs/decode-conversation.ts'
import type { ConversationsTable } from '../../db/schema.ts'
import { textOf } from '../../orders/liza/old-words.ts'
import type { DumpValue } from './dump-statements.ts'

export interface OldTranscript {
  /** As the vendor sent it. */
  readonly transcript: readonly unknown[]
  /** What else it told of the conversation; empty where the turns alone were kept. */
  readonly told: Partial<ConversationsTable>
}

/** Undefined of what is no transcript. */
export function decodeTranscript(data: DumpValue): OldTranscript | undefined {
  const value = parsed(textOf(data))
  if (Array.isArray(value)) return { transcript: value, told: {} }
  const { transcript } = fieldsOf(value)
  // Some columns hold JSON as a text of JSON.
  if (typeof value === 'string') return decodeTranscript(value)
  return Array.isArray(transcript) ? { transcript, told: toldOf(value) } : undefined
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function toldOf(value: unknown): Partial<ConversationsTable> {
  const told = decodeConversation(value)
  if (!told) return {}
  return {
    vendor_status: told.status,
    agent_id: told.agentId,
    started_at: told.startedAt,
    duration_seconds: told.durationSeconds,
    cost_credits: told.costCredits,
    cost_usd: told.costUsd,
    termination_reason: told.terminationReason,
    successful: told.successful,
    summary: told.summary,
    analysis: told.analysis === null ? null : JSON.stringify(told.analysis),
    charging: told.charging === null ? null : JSON.stringify(told.charging),
  }
}
