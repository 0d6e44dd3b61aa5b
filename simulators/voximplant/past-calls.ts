// Calls of the last days for somebody who tries the product: without any, there would be nothing to synchronise.
import type { EpochMs } from '#core/contracts'
import type { HistorySession } from './history-session.ts'

export interface PastCallsOf {
  readonly accountId: number
  readonly applicationId: number
  readonly applicationName: string
  /** Digits. */
  readonly ourNumber: string
}

const CALLS = 60
const STEP_MS = 2.6 * 3600_000
const FIRST_SESSION = 4_100_000_001
const SECONDS = [42, 128, 0, 17, 0, 245, 63, 0, 91, 310]
const ENDINGS = ['Normal call clearing', 'Busy', 'No answer', 'Decline'] as const

export function pastCalls(now: EpochMs, of: PastCallsOf): readonly HistorySession[] {
  return Array.from({ length: CALLS }, (_, at) => pastCall(now, at, of))
}

function pastCall(now: EpochMs, at: number, of: PastCallsOf): HistorySession {
  const startedAt = now - (CALLS - at) * STEP_MS
  const duration = SECONDS[at % SECONDS.length] ?? 0
  const isAnswered = duration > 0
  const sessionId = FIRST_SESSION + at
  // A range that Germany keeps for films.
  const remote = `49302312500${String(10 + (at % 80))}`
  const leg = {
    call_id: 500_000 + at,
    start_time: vendorTime(startedAt + 1000),
    duration,
    local_number: of.ourNumber,
    remote_number: remote,
    remote_number_type: 'pstn',
    incoming: at % 3 === 0,
    successful: isAnswered,
    transaction_id: 900_000 + at,
    cost: isAnswered ? Math.round(duration * 0.02) / 100 : 0,
    end_reason: isAnswered ? ENDINGS[0] : (ENDINGS[1 + (at % 3)] ?? ENDINGS[1]),
  }
  return {
    call_session_history_id: sessionId,
    account_id: of.accountId,
    application_id: of.applicationId,
    application_name: of.applicationName,
    user_id: 0,
    rule_name: 'voicegate',
    start_date: vendorTime(startedAt),
    duration: duration + 6,
    finish_reason: 'Normal termination',
    calls: [leg],
    records: isAnswered
      ? [
          {
            record_id: 700_000 + at,
            start_time: vendorTime(startedAt + 2000),
            duration,
            cost: 0.001,
            transaction_id: 950_000 + at,
          },
        ]
      : [],
  }
}

const vendorTime = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
