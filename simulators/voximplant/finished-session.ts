// What the engine leaves of a session, as the history keeps it.
import type { Application } from './account.ts'
import type { SessionCall, SessionResult } from './engine/session-plan.ts'
import type { HistoryCall, HistorySession } from './history-session.ts'
import { silentMp3Bytes } from './silent-mp3.ts'
import { utcDate } from './vendor-dates.ts'

export interface FinishedDeps {
  readonly accountId: number
  readonly application: Application
  readonly session: {
    readonly sessionId: number
    readonly ruleName: string
  }
  readonly newId: () => number
}

export function historyOf(
  result: SessionResult,
  { accountId, application, session, newId }: FinishedDeps,
): { readonly session: HistorySession; readonly cost: number } {
  const { calls, records, resources } = result
  const cost = [...calls, ...records, ...resources].reduce((sum, each) => sum + each.cost, 0)
  const kept: HistorySession = {
    call_session_history_id: session.sessionId,
    account_id: accountId,
    application_id: application.id,
    application_name: application.fullName,
    user_id: 0,
    rule_name: session.ruleName,
    start_date: utcDate(result.startedAt),
    duration: Math.round(result.durationSeconds),
    initiator_address: '127.0.0.1',
    media_server_address: '127.0.0.1',
    finish_reason: result.finishReason,
    ...(result.customData === '' ? {} : { custom_data: result.customData }),
    audio_quality: 'Standard',
    calls: calls.map((each) => callOf(each, newId())),
    records: records.map(({ recordId, startTime, durationSeconds, cost: price }) => ({
      record_id: recordId,
      record_name: `${recordId}.mp3`,
      cost: price,
      start_time: utcDate(startTime),
      duration: Math.round(durationSeconds),
      file_size: silentMp3Bytes(durationSeconds),
    })),
    other_resource_usage: resources.map(({ type, cost: price, at }) => ({
      resource_usage_id: newId(),
      resource_type: type,
      cost: price,
      used_at: utcDate(at),
    })),
  }
  return { session: kept, cost }
}

const callOf = (call: SessionCall, call_id: number): HistoryCall => ({
  call_id,
  start_time: utcDate(call.startTime),
  duration: Math.round(call.durationSeconds),
  local_number: call.localNumber.replace(/^\+/, ''),
  remote_number: call.remoteNumber.replace(/^\+/, ''),
  remote_number_type: 'pstn',
  incoming: call.incoming,
  successful: call.successful,
  cost: call.cost,
  end_reason: call.endReason,
})
