// A call as a row of a table (RFC 4180): one column a field, in an order that stays. New ones are added at the end.
import { stringify } from 'csv-stringify/sync'
import type { CallRow } from '../../db/schema.ts'
import { viewCall, type CallView } from '../call-view.ts'

type Cell = string | number | null

const COLUMNS: Readonly<Record<string, (view: CallView, row: CallRow) => Cell>> = {
  call_id: (view) => view.call_id,
  provider: (view) => view.provider,
  direction: (view) => view.direction,
  from: (view) => view.from,
  to: (view) => view.to,
  trunk: (view) => view.trunk,
  application_id: (view) => view.application_id,
  status: (view) => view.status,
  outcome: (view) => view.outcome,
  review_status: (view) => view.review_status,
  termination_result: ({ termination }) => termination?.result ?? null,
  termination_reason: ({ termination }) => termination?.reason ?? null,
  termination_by: ({ termination }) => termination?.by ?? null,
  termination_sip_status: ({ termination }) => termination?.sip_status ?? null,
  created_at: (view) => view.created_at,
  invited_at: (view) => view.invited_at,
  ringing_at: (view) => view.ringing_at,
  answered_at: (view) => view.answered_at,
  ended_at: (view) => view.ended_at,
  duration_seconds: (view) => view.duration_seconds,
  agent_id: ({ agent }) => agent.agent_id,
  conversation_id: ({ agent }) => agent.conversation_id,
  agent_opened_at: ({ agent }) => agent.opened_at,
  agent_closed_at: ({ agent }) => agent.closed_at,
  agent_close_reason: ({ agent }) => agent.close_reason,
  agent_sessions: ({ agent }) => agent.sessions,
  agent_seconds: (_view, row) => Math.round(row.agent_seconds * 1000) / 1000,
  open_ms_after_answer: ({ agent }) => agent.open_ms_after_answer,
  machine_verdict: ({ machine }) => machine?.verdict ?? null,
  machine_at: ({ machine }) => machine?.at ?? null,
  consent_given: ({ consent }) => (consent === null ? null : String(consent.given)),
  consent_at: ({ consent }) => consent?.at ?? null,
  consent_prompt_version: ({ consent }) => consent?.prompt_version ?? null,
  consent_language: ({ consent }) => consent?.language ?? null,
  cost_amount_minor: ({ cost }) => cost?.amount_minor ?? null,
  cost_currency: ({ cost }) => cost?.currency ?? null,
  language: (view) => view.language,
  has_recording: (view) => String(view.has_recording),
  has_transcript: (view) => String(view.has_transcript),
  attempt: (_view, row) => row.attempt,
  retry_of: (_view, row) => row.retry_of,
  metadata: (_view, row) => row.metadata,
  // The cost is the vendor's where it has told: beside it what we count, and what it said.
  cost_counted_minor: ({ cost }) =>
    cost === null ? null : (cost.parts.find(({ kind }) => kind === 'agent')?.amount_minor ?? 0),
  vendor_usd: (_view, row) => row.vendor_usd,
  vendor_credits: (_view, row) => row.vendor_credits,
  placed_by: (view) => view.placed_by,
}

export const CSV_COLUMNS: readonly string[] = Object.keys(COLUMNS)

const OPTIONS = {
  record_delimiter: 'windows',
  // A line that ends any other way would end the row for some readers.
  quoted_match: /[\r\n]/,
  // A spreadsheet would run what begins with = + - or @, and phone numbers begin with +: an apostrophe goes before it.
  escape_formulas: true,
} as const

export const csvHead = (): string => stringify([[...CSV_COLUMNS]], OPTIONS)

export function csvOf(rows: readonly CallRow[]): string {
  const cells = (row: CallRow): Cell[] => {
    const view = viewCall(row)
    return Object.values(COLUMNS).map((cell) => cell(view, row))
  }
  return stringify(rows.map(cells), OPTIONS)
}
