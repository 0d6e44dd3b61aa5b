// What is fetched of one call when somebody asks: its transcript, its audio, and what the history says of it.
import { AppError } from '#core/errors'
import type { CallId } from '#core/contracts'
import type { AuditLog } from '../../access/audit-log.ts'
import type { CallRow } from '../../db/schema.ts'
import type { ApplicationStore } from '../applications/application-store.ts'
import type { VendorCallStore } from '../calls/call-store.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import type { ContextOf } from '../sync/history-context.ts'
import type { HistoryWriter } from '../sync/history-writer.ts'
import type { Database } from '../../db/database.ts'
import type { AudioFetch } from './audio-fetch.ts'
import { isSettled, type Fetched } from './fetched.ts'
import type { PendingMark } from './pending-mark.ts'
import { fetchTranscript, type TranscriptFetchDeps } from './transcript-fetch.ts'

export interface CallDataDeps extends TranscriptFetchDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly vendorCalls: Pick<VendorCallStore, 'find'>
  readonly applications: Pick<ApplicationStore, 'find'>
  readonly clients: Pick<VoximplantClients, 'ofApplication'>
  readonly writer: HistoryWriter
  readonly contextOf: ContextOf
  readonly audio: AudioFetch
  readonly pending: PendingMark
  readonly audit: AuditLog
}

export type DataPart = 'transcript' | 'audio' | 'call'

export interface CallData {
  readonly transcript: Fetched | null
  readonly audio: Fetched | null
}

export interface AskedData {
  readonly part: DataPart
  /** Whose key. */
  readonly keyId: string
  readonly signal: AbortSignal
}

/**
 * Of a call that is over.
 * @throws AppError `STATE_CONFLICT` of a call that is not Voximplant's, or goes on; `PROVIDER_REFUSED`, `VENDOR_FAILED`
 */
export async function syncCallData(
  deps: CallDataDeps,
  call: CallRow,
  { part, keyId, signal }: AskedData,
): Promise<CallData> {
  if (call.provider !== 'voximplant')
    throw new AppError('STATE_CONFLICT', 'This is no call of Voximplant.')
  const callId = call.call_id as CallId
  if (part === 'call') await readHistoryOf(deps, callId, signal)
  const now = (await deps.calls.find(callId)) ?? call
  if (now.ended_at === null)
    throw new AppError('STATE_CONFLICT', 'The call goes on: what was said comes when it is over.')
  const transcript = part === 'audio' ? null : await fetchTranscript(deps, now, signal)
  const audio = part === 'transcript' ? null : await deps.audio.fetch(callId, signal)
  await deps.pending.mark(callId, audio === null || !isSettled(audio))
  const detail = { part, transcript: transcript?.result ?? null, audio: audio?.result ?? null }
  await deps.database.write([deps.audit.noted({ keyId }, 'voximplant.data_synced', callId, detail)])
  return { transcript, audio }
}

/** Cost, a recording that came late, an end that nobody told of. */
async function readHistoryOf(
  { vendorCalls, applications, clients, writer, contextOf }: CallDataDeps,
  callId: CallId,
  signal: AbortSignal,
): Promise<void> {
  const row = await vendorCalls.find(callId)
  const application = row && (await applications.find(row.application_id))
  if (row?.session_id == null || application === undefined) return
  const { rest, account } = await clients.ofApplication(application)
  const answer = await rest.history({ sessionIds: [row.session_id], count: 1 }, signal)
  if (answer.kind !== 'ok') throw answer.error
  const sessions = answer.value.sessions.filter(({ sessionId }) => sessionId === row.session_id)
  await writer.write(sessions, contextOf(application, account), () => [])
}
